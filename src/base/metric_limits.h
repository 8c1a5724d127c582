#pragma once

#include <cstddef>

/// The limits of metrics; base/limits.h says what a limit is.
namespace taskrun::limits {

/// Bounds of a histogram: each is one more series for every task, and dashboards are drawn with a dozen.
inline constexpr std::size_t kMetricBounds = 50;

}  // namespace taskrun::limits
