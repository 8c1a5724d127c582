#include "control/target.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace taskrun::control {
namespace {

using Path = std::vector<std::string>;

TEST_CASE("A target is its path, segment by segment, and its parameters") {
  const auto target = parse_target("/v1/tasks/a%20b?stop=true&task=x+y&empty=&bare");
  REQUIRE(target.has_value());
  CHECK(target->path == Path{"v1", "tasks", "a b"});
  CHECK(target->parameter("stop") == "true");
  CHECK(target->parameter("task") == "x y");
  CHECK(target->parameter("empty") == "");
  CHECK(target->parameter("bare") == "");
  CHECK_FALSE(target->parameter("other").has_value());
}

TEST_CASE("Empty and dotted segments stay as they are: nothing is climbed") {
  CHECK(parse_target("/")->path == Path{""});
  CHECK(parse_target("/v1//tasks/")->path == Path{"v1", "", "tasks", ""});
  CHECK(parse_target("/v1/%2e%2E/x")->path == Path{"v1", "..", "x"});
  CHECK(parse_target("/a%2Fb?")->path == Path{"a/b"});
}

TEST_CASE("What is no target is told") {
  struct Case {
    std::string text;
    std::string message;
  };
  const std::vector<Case> cases{
      {"", "a path begins with '/'"},
      {"*", "a path begins with '/'"},
      {"http://host/v1", "a path begins with '/'"},
      {"/%", "'%': '%' is followed by two hexadecimal digits"},
      {"/%4", "'%4': '%' is followed by two hexadecimal digits"},
      {"/%4g", "'%4g': '%' is followed by two hexadecimal digits"},
      {"/%00", "'%00' is no text"},
      {"/a%0Ab", "'a%0Ab' is no text"},
      {"/%ff", "'%ff' is no text"},
      {"/?a=1&a=2", "parameter 'a' is given twice"},
      {"/?a=%zz", "'%zz': '%' is followed by two hexadecimal digits"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    const auto target = parse_target(each.text);
    REQUIRE_FALSE(target.has_value());
    CHECK(target.error().message == each.message);
  }
}

TEST_CASE("A target in the form in which a proxy is asked is taken apart") {
  const auto parts = [](std::string_view text) -> std::string {
    const auto absolute = parse_absolute_target(text);
    return absolute ? std::string(absolute->authority) + " " + absolute->target : "none";
  };
  CHECK(parts("http://127.0.0.1:9464/metrics") == "127.0.0.1:9464 /metrics");
  CHECK(parts("HTTP://[::1]:9464/metrics?a=http://b/") == "[::1]:9464 /metrics?a=http://b/");
  CHECK(parts("http://node-1") == "node-1 /");
  CHECK(parts("http://node-1?a") == "node-1 /?a");
  for (const char* other :
       {"/metrics", "*", "", "node-1:80", "http:", "http://", "http:///metrics", "https://a/", "//a/"}) {
    CAPTURE(other);
    CHECK(parts(other) == "none");
  }
}

TEST_CASE("What is escaped reads back as one segment") {
  CHECK(escaped("nightly.backup-1_x~") == "nightly.backup-1_x~");
  CHECK(escaped("a/b c%ü") == "a%2Fb%20c%25%C3%BC");
  for (const std::string name : {"a/b", "?&=+ %", "ü"}) CHECK(parse_target("/" + escaped(name))->path == Path{name});
}

}  // namespace
}  // namespace taskrun::control
