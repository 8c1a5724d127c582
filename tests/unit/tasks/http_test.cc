#include "tasks/http.h"

#include <fmt/format.h>

#include "call.h"
#include "tasks/http_request.h"
#include "tiny_server.h"

using namespace taskrun::tasks;

namespace {

std::string response(std::string_view status, std::string_view body = "", std::string_view headers = "") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body);
}

std::string redirect(std::string_view status, std::string_view to) {
  return response(status, "", fmt::format("Location: {}\r\n", to));
}

// `more` is the rest of the arguments: ",\"method\":\"PUT\"".
Called ask(const std::string& url, std::string_view more = "") {
  ::setenv("NO_PROXY", "*", 1);
  return call("http", fmt::format(R"({{"url":"{}"{}}})", url, more));
}

Called ask(const TinyServer& server, std::string_view more = "") { return ask(server.url(), more); }

bool has_line(const std::string& request, std::string_view line) {
  return request.find(fmt::format("{}\r\n", line)) != std::string::npos;
}

// The result without the duration, which no test can know.
std::string without_duration(const std::string& result) {
  const std::size_t from = result.find(R"("duration_ms":)");
  const std::size_t to = result.find(",\"bytes\"");
  return from < to && to != std::string::npos ? result.substr(0, from) + result.substr(to + 1) : result;
}

}  // namespace

TEST_CASE("an expected status is a success, with its figures as the result") {
  TinyServer server({response("200 OK", "hello")});
  const Called called = ask(server);
  CHECK(called.exit == Exit::success);
  CHECK(without_duration(called.result) == R"({"status":200,"bytes":5})");
  CHECK(called.out == "");
  CHECK(called.err == "");
  CHECK(server.requests().at(0).starts_with("GET / HTTP/1.1\r\n"));
  CHECK(has_line(server.requests()[0], "User-Agent: taskrun/" TASKRUN_VERSION));
}

TEST_CASE("any other status is a failure") {
  TinyServer server({response("503 Busy", "wait")});
  const Called called = ask(server);
  CHECK(called.exit == Exit::failure);
  CHECK(without_duration(called.result) == R"({"status":503,"bytes":4})");
  CHECK(called.err == fmt::format("http: GET {}: status 503 was not expected\n", server.url("")));
}

TEST_CASE("which status is expected can be said") {
  TinyServer server({response("404 No"), response("204 Yes"), response("302 There", "", "Location: /x\r\n")});
  CHECK(ask(server, R"(,"expect_status":["204","400-404"])").exit == Exit::success);
  CHECK(ask(server, R"(,"expect_status":["200"])").exit == Exit::failure);
  CHECK(ask(server, R"(,"expect_status":["302"])").exit == Exit::success);
}

TEST_CASE("statuses are numbers or ranges") {
  CHECK(parse_status_range("204")->last == 204);
  CHECK(parse_status_range("200-299")->last == 299);
  for (const char* text :
       {"", "99", "600", "2xx", "200-", "-299", "299-200", "200-299-300", " 200", "+200", "200,204"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_status_range(text));
  }
}

TEST_CASE("methods, bodies and headers go out as they are given") {
  TinyServer server({response("200 OK"), response("200 OK"), response("200 OK"), response("200 OK")});
  CHECK(ask(server, R"(,"method":"PUT","body":"{\"on\":1}","headers":{"Content-Type":"application/json","X-Empty":""})")
            .exit == Exit::success);
  CHECK(ask(server, R"(,"method":"POST")").exit == Exit::success);
  CHECK(ask(server, R"(,"method":"HEAD")").exit == Exit::success);
  CHECK(ask(server, R"(,"method":"DELETE")").exit == Exit::success);
  const auto& requests = server.requests();
  CHECK(requests.at(0).starts_with("PUT / "));
  CHECK(has_line(requests[0], "Content-Type: application/json"));
  CHECK(has_line(requests[0], "X-Empty:"));
  CHECK(requests[0].ends_with("\r\n\r\n{\"on\":1}"));
  CHECK(requests[1].starts_with("POST / "));
  CHECK(has_line(requests[1], "Content-Length: 0"));
  CHECK(requests[1].find("Content-Type") == std::string::npos);
  CHECK(requests[2].starts_with("HEAD / "));
  CHECK(requests[3].starts_with("DELETE / "));
}

TEST_CASE("a secret header's value comes from the environment") {
  ::setenv("HTTP_TEST_TOKEN", "Bearer canary", 1);
  TinyServer server({response("401 No")});
  const Called called = ask(server, R"(,"headers_from_env":{"Authorization":"HTTP_TEST_TOKEN"})");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err.find("canary") == std::string::npos);
  CHECK(has_line(server.requests().at(0), "Authorization: Bearer canary"));
  ::unsetenv("HTTP_TEST_TOKEN");
}

TEST_CASE("a header that is none stops the request before it is made") {
  ::unsetenv("HTTP_TEST_TOKEN");
  const auto told = [](std::string_view more) {
    const Called called = ask("http://127.0.0.1:1/", more);
    CHECK(called.exit == Exit::arguments);
    CHECK(called.result == "");
    return called.err;
  };
  CHECK(told(R"(,"headers_from_env":{"X-Key":"HTTP_TEST_TOKEN"})") ==
        "http: header 'X-Key' wants the variable HTTP_TEST_TOKEN, which is not set\n");
  CHECK(told(R"(,"headers":{"X-Key":"a\r\nX-Other: canary"})") ==
        "http: the value of header 'X-Key' holds a line end or a NUL\n");
  CHECK(told(R"(,"headers":{"X Key":"canary"})") == "http: 'X Key' is not a header's name\n");
  CHECK(told(R"(,"headers":{"":"canary"})") == "http: '' is not a header's name\n");
  CHECK(told(R"(,"expect_status":["canary"])") ==
        "http: argument 'expect_status' holds what is no status: write \"204\" or \"200-299\"\n");
  CHECK(told(R"(,"expect_status":[])") == "http: argument 'expect_status' is empty: no response could be a success\n");
}

TEST_CASE("no message shows a URL's user, path or query") {
  TinyServer server({response("500 No")});
  std::string url = server.url("/hook/canary?token=canary#canary");
  url.insert(url.find("//") + 2, "canary:canary@");
  for (const std::string& target : {url, std::string("http://canary:canary@127.0.0.1:1/canary?canary"),
                                    std::string("ftp://canary@127.0.0.1/canary"), std::string("canary"),
                                    std::string("file:///canary"), std::string("http://exa mple/canary")}) {
    CAPTURE(target);
    const Called called = ask(target);
    CHECK(called.exit != Exit::success);
    CHECK(called.err != "");
    CHECK(called.err.find("canary") == std::string::npos);
  }
  CHECK(server.requests().size() == 1);
}

TEST_CASE("only http and https are spoken") {
  const Called called = ask("file:///etc/hostname");
  CHECK(called.exit == Exit::arguments);
  CHECK(called.err == "http: argument 'url' is not a URL of http or https\n");
}

TEST_CASE("a server that is not there is a failure that says why") {
  const Called called = ask("http://127.0.0.1:1/");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err == "http: GET http://127.0.0.1:1: couldn't connect to server: Connection refused\n");
  CHECK(without_duration(called.result) == R"({"status":null,"bytes":0})");
}

TEST_CASE("a server that does not answer is given up after the timeout") {
  const TinyServer server({""});
  const Called called = ask(server, R"(,"timeout":"50ms")");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err == fmt::format("http: GET {}: timeout was reached\n", server.url("")));
}

TEST_CASE("a response longer than the limit is a failure") {
  const TinyServer server({response("200 OK", std::string(5000, 'x')), response("200 OK", std::string(4096, 'x'))});
  const Called called = ask(server, R"(,"max_body":"4KiB")");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err == fmt::format("http: GET {}: the response is longer than 4KiB\n", server.url("")));
  CHECK(ask(server, R"(,"max_body":"4KiB")").exit == Exit::success);
}

TEST_CASE("the response's body is printed where asked") {
  const TinyServer server({response("200 OK", "hello")});
  CHECK(ask(server, R"(,"print_body":true)").out == "hello");
}

TEST_CASE("redirects are followed only where asked") {
  TinyServer server({redirect("302 There", "/next"), redirect("302 There", "/next"), response("200 OK", "arrived")});
  CHECK(ask(server).exit == Exit::failure);
  const Called called = ask(server, R"(,"follow_redirects":true)");
  CHECK(called.exit == Exit::success);
  CHECK(without_duration(called.result) == R"({"status":200,"bytes":7})");
  CHECK(server.requests().at(2).starts_with("GET /next "));
}

TEST_CASE("a redirected POST becomes a GET but for 307 and 308") {
  for (const auto& [status, method] :
       {std::pair{"301 A", "GET"}, {"302 A", "GET"}, {"303 A", "GET"}, {"307 A", "POST"}, {"308 A", "POST"}}) {
    CAPTURE(status);
    TinyServer server({redirect(status, "/next"), response("200 OK")});
    CHECK(ask(server, R"(,"method":"POST","body":"text","follow_redirects":true)").exit == Exit::success);
    const std::string& second = server.requests().at(1);
    CHECK(second.starts_with(fmt::format("{} /next ", method)));
    CHECK(second.ends_with("text") == (std::string_view(method) == "POST"));
  }
}

TEST_CASE("a redirect to another origin gets no secret header") {
  ::setenv("HTTP_TEST_TOKEN", "canary", 1);
  TinyServer other({response("200 OK")});
  TinyServer server({redirect("302 There", "/next"), redirect("302 There", other.url("/end"))});
  const Called called = ask(
      server, R"(,"follow_redirects":true,"headers":{"X-Open":"1"},"headers_from_env":{"X-Key":"HTTP_TEST_TOKEN"})");
  CHECK(called.exit == Exit::success);
  CHECK(has_line(server.requests().at(1), "X-Key: canary"));
  CHECK(has_line(other.requests().at(0), "X-Open: 1"));
  CHECK(other.requests()[0].find("canary") == std::string::npos);
  ::unsetenv("HTTP_TEST_TOKEN");
}

TEST_CASE("a redirect leads to http and https only") {
  const TinyServer server({redirect("302 There", "file:///etc/hostname")});
  const Called called = ask(server, R"(,"follow_redirects":true)");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err ==
        fmt::format("http: GET {}: the server redirects to what is not a URL of http or https\n", server.url("")));
}

TEST_CASE("redirects in a circle end") {
  const TinyServer server(std::vector<std::string>(20, redirect("302 There", "/")));
  const Called called = ask(server, R"(,"follow_redirects":true)");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err == fmt::format("http: GET {}: more than 10 redirects\n", server.url("")));
}
