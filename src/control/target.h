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

/// "http://node-1:9464/metrics?a=b", the form in which a proxy is asked (RFC 9112, 3.2.2).
struct AbsoluteTarget {
  std::string_view authority;  ///< "node-1:9464", never ""
  std::string target;          ///< "/metrics?a=b"; its path is "/" where there is none
};

/// Nothing where `text` is of another form or scheme. `authority` is a view into it.
[[nodiscard]] std::optional<AbsoluteTarget> parse_absolute_target(std::string_view text);

/// `text` as one segment of a path or one value of a query: everything but letters, digits and "-._~" is escaped.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace taskrun::control
