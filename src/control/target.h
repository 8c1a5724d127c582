#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace taskrun::control {

/// What a request is about: "/v1/tasks/a%20b?stop=true", taken apart and decoded. Every part is well-formed UTF-8
/// without control characters.
struct Target {
  std::vector<std::string> path;  ///< "v1", "tasks", "a b"
  std::vector<std::pair<std::string, std::string>> query;

  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// An error says what is wrong with it: no absolute path, a bad escape, a parameter given twice.
[[nodiscard]] Result<Target> parse_target(std::string_view text);

/// `text` as one segment of a path or one value of a query: everything but letters, digits and "-._~" is escaped.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace taskrun::control
