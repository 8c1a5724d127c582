#pragma once

#include <string_view>

namespace taskrun::control {

enum class MetricsFormat { prometheus, openmetrics };

/// Of the HTTP header; static storage.
[[nodiscard]] std::string_view to_content_type(MetricsFormat format);

/// Whether the value of an Accept header asks for OpenMetrics, by its name and no less than for plain text. Whoever
/// takes anything, or neither, gets the text format of Prometheus: nothing is refused for what a client accepts.
[[nodiscard]] bool prefers_openmetrics(std::string_view accept);

}  // namespace taskrun::control
