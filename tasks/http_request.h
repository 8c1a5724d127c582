#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "tasks/arguments.h"

namespace taskrun::tasks {

/// Status codes that mean success: first to last.
struct StatusRange {
  long first = 0;
  long last = 0;
};

/// One HTTP request, checked: what can be wrong without asking the network is not wrong any more.
struct HttpRequest {
  std::string url;
  std::string method;
  std::optional<std::string> body;
  std::vector<std::string> headers;         ///< as they go over the wire: "Name: value"
  std::vector<std::string> secret_headers;  ///< likewise; for the first origin only
  std::vector<StatusRange> expected;
  bool follows_redirects = false;
  std::optional<Nanos> timeout;
  Bytes max_body;
  bool prints_body = false;
  std::string ca_file;  ///< "" for the system's authorities
};

/// Reads "200" or "200-299".
[[nodiscard]] Result<StatusRange> parse_status_range(std::string_view text);

/// What can be told without the environment: a URL that is none, a header that is no header, a status that is none; ""
/// for nothing. Shows no value.
[[nodiscard]] std::string problem_of_http(const Arguments& arguments);

/// Fails where a header is no header, a variable named by `headers_from_env` is not set, or a status is none. Messages
/// show no value of a header or a variable.
[[nodiscard]] Result<HttpRequest> make_http_request(const Arguments& arguments);

}  // namespace taskrun::tasks
