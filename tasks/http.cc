// One request, or a chain of them where redirects are followed. We follow redirects ourselves: libcurl would send the
// headers that hold secrets to whatever host a response names.

#include "tasks/http.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "base/text.h"
#include "tasks/http_exchange.h"
#include "tasks/http_request.h"

namespace taskrun::tasks {
namespace {

constexpr int kMostRedirects = 10;
using Clock = std::chrono::steady_clock;

bool is_expected(const HttpRequest& request, long status) {
  return std::ranges::any_of(request.expected,
                             [status](const StatusRange& r) { return r.first <= status && status <= r.last; });
}

// What browsers do (RFC 9110, 15.4): only 307 and 308 repeat a POST as it was.
void turn_to(HttpRequest& request, const HttpResponse& response) {
  const bool becomes_get = (response.status == 303 && request.method != "HEAD") ||
                           ((response.status == 301 || response.status == 302) && request.method == "POST");
  if (becomes_get) {
    request.method = "GET";
    request.body.reset();
  }
  request.url = response.redirect_to;
}

// The chain of exchanges of one request.
class Conversation {
 public:
  Conversation(const Curl& curl, HttpRequest request) : curl_(curl), request_(std::move(request)) {}

  Result<HttpResponse> run() {
    for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
      Result<HttpResponse> response = exchange(curl_, within_time());
      const bool is_last = !response || !request_.follows_redirects || response->redirect_to.empty();
      if (is_last) return response;
      if (const auto turned = turn(*response); !turned) return tl::unexpected(turned.error());
    }
    return fail(fmt::format("more than {} redirects", kMostRedirects));
  }

  [[nodiscard]] Nanos elapsed() const { return Clock::now() - begun_; }

 private:
  // The timeout is for the whole chain.
  [[nodiscard]] HttpRequest within_time() const {
    HttpRequest next = request_;
    if (next.timeout) *next.timeout = std::max(Nanos(1), *next.timeout - elapsed());
    return next;
  }

  Result<void> turn(const HttpResponse& response) {
    const Result<std::string> from = origin_of(curl_, request_.url);
    const Result<std::string> to = origin_of(curl_, response.redirect_to);
    if (!to) return fail("the server redirects to what is not a URL of http or https");
    if (!from || *from != *to) request_.secret_headers.clear();
    turn_to(request_, response);
    return {};
  }

  const Curl& curl_;
  HttpRequest request_;
  Clock::time_point begun_ = Clock::now();
};

Exit complain(std::string_view message, Exit exit) {
  fmt::print(stderr, "http: {}\n", message);
  return exit;
}

void write_response(const Result<HttpResponse>& response, Nanos duration) {
  const std::string status = response ? std::to_string(response->status) : "null";
  write_result(fmt::format(R"({{"status":{},"duration_ms":{},"bytes":{}}})", status, format_milliseconds(duration),
                           response ? response->body.count : 0));
}

Exit judge(const HttpRequest& request, std::string_view origin, const Result<HttpResponse>& response) {
  if (!response) {
    return complain(fmt::format("{} {}: {}", request.method, origin, response.error().message), Exit::failure);
  }
  if (is_expected(request, response->status)) return Exit::success;
  return complain(fmt::format("{} {}: status {} was not expected", request.method, origin, response->status),
                  Exit::failure);
}

}  // namespace

Exit run_http(const Arguments& arguments) {
  const Result<HttpRequest> request = make_http_request(arguments);
  if (!request) return complain(request.error().message, Exit::arguments);
  const Result<Curl> curl = load_curl();
  if (!curl) return complain(curl.error().message, Exit::failure);
  const Result<std::string> origin = origin_of(*curl, request->url);
  if (!origin) return complain(origin.error().message, Exit::arguments);
  std::signal(SIGPIPE, SIG_IGN);  // a server that hangs up is an answer, not our end
  Conversation conversation(*curl, *request);
  const Result<HttpResponse> response = conversation.run();
  write_response(response, conversation.elapsed());
  std::fflush(stdout);
  return judge(*request, printable(*origin), response);
}

}  // namespace taskrun::tasks
