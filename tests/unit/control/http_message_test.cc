#include "control/http_message.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/limits.h"

namespace taskrun::control {
namespace {

using State = RequestReader::State;

constexpr std::string_view kPost =
    "POST /v1/tasks?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

Rejection rejection_of(std::string bytes) {
  RequestReader reader;
  REQUIRE(reader.feed(bytes) == State::rejected);
  return reader.rejection();
}

TEST_CASE("A request is read, and what follows it is left") {
  RequestReader reader;
  CHECK_FALSE(reader.has_begun());
  std::string bytes = std::string(kPost) + "GET / HTTP/1.1\r\n";
  REQUIRE(reader.feed(bytes) == State::complete);
  CHECK(bytes == "GET / HTTP/1.1\r\n");
  const Request request = reader.take_request();
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/tasks?x=1");
  CHECK(request.body == "hello");
  CHECK(request.hosts == std::vector<std::string>{"a"});
  CHECK_FALSE(request.keep_alive);
}

TEST_CASE("Every host is told, for there should be one") {
  RequestReader reader;
  std::string bytes = "GET / HTTP/1.0\r\nHost: a\r\nX: y\r\nhost: b:1\r\n\r\n";
  REQUIRE(reader.feed(bytes) == State::complete);
  const Request request = reader.take_request();
  CHECK(request.hosts == std::vector<std::string>{"a", "b:1"});
  CHECK_FALSE(request.takes_chunks);
}

Request read(std::string bytes) {
  RequestReader reader;
  REQUIRE(reader.feed(bytes) == State::complete);
  return reader.take_request();
}

TEST_CASE("Who is asked as a proxy is meant by what stands in the target, not in the head") {
  using Hosts = std::vector<std::string>;
  const Request request = read("GET http://a:1/metrics?x=y HTTP/1.1\r\nHost: b\r\n\r\n");
  CHECK(request.target == "/metrics?x=y");
  CHECK(request.hosts == Hosts{"a:1"});
  CHECK(read("GET http://a/ HTTP/1.0\r\n\r\n").hosts == Hosts{"a"});
  // What is wrong with the head stays so.
  CHECK(read("GET http://a/ HTTP/1.1\r\n\r\n").hosts.empty());
  CHECK(read("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").hosts == Hosts{"a", "b"});
  CHECK(read("GET https://a/ HTTP/1.1\r\nHost: b\r\n\r\n").target == "https://a/");
}

TEST_CASE("What is accepted may stand in several lines") {
  CHECK(read("GET / HTTP/1.1\r\nAccept: text/plain;q=0.5\r\nX: y\r\naccept: b, c\r\n\r\n").accept ==
        "text/plain;q=0.5, b, c");
  CHECK(read("GET / HTTP/1.1\r\n\r\n").accept.empty());
}

TEST_CASE("A request may come byte by byte") {
  RequestReader reader;
  std::string bytes;
  for (std::size_t at = 0; at + 1 < kPost.size(); ++at) {
    bytes += kPost[at];
    REQUIRE(reader.feed(bytes) == State::reading);
    CHECK(reader.has_begun());
  }
  bytes += kPost.back();
  REQUIRE(reader.feed(bytes) == State::complete);
  CHECK(reader.take_request().body == "hello");
}

TEST_CASE("A body may come in chunks of its own") {
  RequestReader reader;
  std::string bytes = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  REQUIRE(reader.feed(bytes) == State::complete);
  const Request request = reader.take_request();
  CHECK(request.body == "abcde");
  CHECK(request.keep_alive);
}

TEST_CASE("A peer that waits to be told to go on is told once") {
  RequestReader reader;
  std::string bytes = "POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
  REQUIRE(reader.feed(bytes) == State::reading);
  CHECK(reader.take_continue());
  CHECK_FALSE(reader.take_continue());
  bytes = "ab";
  CHECK(reader.feed(bytes) == State::complete);
}

TEST_CASE("What is no request, or too much of one, is rejected with its status") {
  CHECK(rejection_of("garbage\r\n\r\n").status == 400);
  CHECK(rejection_of("GET / HTTP/9.9\r\n\r\n").status == 400);
  CHECK(rejection_of(std::string("\0\1\2\3\r\n\r\n", 8)).status == 400);
  CHECK(rejection_of("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n").status == 400);
  const Rejection head = rejection_of("GET / HTTP/1.1\r\nX: " + std::string(limits::kControlHead, 'x') + "\r\n\r\n");
  CHECK(head.status == 431);
  CHECK(head.code == "head_too_large");
  CHECK(rejection_of("GET /" + std::string(limits::kControlHead, 'x')).status == 431);
  const Rejection body = rejection_of("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n");
  CHECK(body.status == 413);
  CHECK(body.message == "the body is larger than 1MiB");
}

TEST_CASE("A body that grows too large in chunks is rejected before it is there") {
  RequestReader reader;
  std::string bytes = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  State state = reader.feed(bytes);
  std::size_t sent = 0;
  for (; state == State::reading && sent < 2 * limits::kControlBody.count; sent += 10'000) {
    bytes += chunk(std::string(10'000, 'x'));
    state = reader.feed(bytes);
  }
  REQUIRE(state == State::rejected);
  CHECK(reader.rejection().status == 413);
  CHECK(sent <= limits::kControlBody.count + 20'000);
}

TEST_CASE("An answer reads back as what it was, whole or in pieces") {
  const Reply reply{405, R"({"error":1})", "GET, POST"};
  const std::string bytes = to_bytes(reply, true);
  CHECK(bytes ==
        "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: application/json\r\nContent-Length: 11\r\n"
        "Allow: GET, POST\r\nConnection: keep-alive\r\n\r\n{\"error\":1}");
  ReplyReader reader;
  std::string kept;
  for (const char byte : bytes) {
    kept += byte;
    REQUIRE(reader.feed(kept).has_value());
  }
  CHECK(reader.is_complete());
  CHECK(reader.status() == 405);
  CHECK(reader.take_body() == reply.body);
}

TEST_CASE("A stream's pieces are there as they come, and its end is told from a cut") {
  ReplyReader reader;
  std::string bytes = chunked_head(kJsonLines, false) + chunk("one\n");
  REQUIRE(reader.feed(bytes).has_value());
  CHECK(reader.take_body() == "one\n");
  CHECK(reader.take_body() == "");
  bytes += chunk("two\nthree\n").substr(0, 8);
  REQUIRE(reader.feed(bytes).has_value());
  CHECK_FALSE(reader.is_complete());
  CHECK_FALSE(reader.end().has_value());
  ReplyReader whole;
  bytes = chunked_head(kJsonLines, false) + chunk("one\n") + std::string(kLastChunk);
  REQUIRE(whole.feed(bytes).has_value());
  CHECK(whole.is_complete());
  CHECK(whole.end().has_value());
}

TEST_CASE("What is no answer is told") {
  ReplyReader garbage;
  std::string bytes = "hello, who is there?\r\n\r\n";
  CHECK_FALSE(garbage.feed(bytes).has_value());
  ReplyReader silence;
  const auto ended = silence.end();
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().message == "the connection was closed without an answer");
}

}  // namespace
}  // namespace taskrun::control
