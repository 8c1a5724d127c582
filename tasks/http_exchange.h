#pragma once

#include <string>

#include "base/result.h"
#include "tasks/curl.h"
#include "tasks/http_request.h"

namespace taskrun::tasks {

struct HttpResponse {
  long status = 0;
  Bytes body;               ///< its length
  std::string redirect_to;  ///< the absolute URL, where the status asks for a redirect; else ""
};

/// Sends the request and reads the whole response; follows nothing. The error says what failed, without the URL.
[[nodiscard]] Result<HttpResponse> exchange(const Curl& curl, const HttpRequest& request);

/// "https://example.com:8443": what may be shown of a URL. Fails where it is no URL of http or https; the message does
/// not show it.
[[nodiscard]] Result<std::string> origin_of(const Curl& curl, const std::string& url);

}  // namespace taskrun::tasks
