#include "control/client.h"

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/unix_socket.h"
#include "tests/support/temporary_directory.h"

namespace taskrun::control {
namespace {

using namespace std::chrono_literals;

/// One connection at a socket: reads a head, says what it was told to say, and closes.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string answer)
      : listener_(*sys::UnixListener::open(path)), thread_([this, answer = std::move(answer)] { serve(answer); }) {}
  ~OneAnswer() { thread_.join(); }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  std::string heard;  ///< whole once the client has its answer

 private:
  void serve(const std::string& answer) {
    const sys::Fd peer(::accept4(blocking(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte = 0;
    while (!heard.ends_with("\r\n\r\n") && ::read(peer.get(), &byte, 1) == 1) heard += byte;
    static_cast<void>(::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
  }
  [[nodiscard]] int blocking() const {
    ::fcntl(listener_.fd(), F_SETFL, 0);
    return listener_.fd();
  }
  sys::UnixListener listener_;
  std::thread thread_;
};

TEST_CASE("A client asks and gets the answer, whatever its status") {
  const TemporaryDirectory directory;
  OneAnswer server(directory.file("s"), to_bytes(Reply{404, "{}\n"}, false));
  const auto reply = Client(directory.file("s")).ask("GET", "/v1/tasks/a");
  REQUIRE(reply.has_value());
  CHECK(reply->status == 404);
  CHECK(reply->body == "{}\n");
  CHECK(server.heard.starts_with("GET /v1/tasks/a HTTP/1.1\r\n"));
}

TEST_CASE("A stream comes line by line, to its end") {
  const TemporaryDirectory directory;
  const std::string stream =
      chunked_head(kJsonLines, false) + chunk("one\ntw") + chunk("o\nthree\n") + std::string(kLastChunk);
  const OneAnswer server(directory.file("a"), stream);
  auto followed = Client(directory.file("a")).follow("/v1/events");
  REQUIRE(followed.has_value());
  auto& events = std::get<EventStream>(*followed);
  std::vector<std::string> lines;
  while (!events.has_ended()) {
    const auto more = events.read();
    REQUIRE(more.has_value());
    lines.insert(lines.end(), more->begin(), more->end());
  }
  CHECK(lines == std::vector<std::string>{"one", "two", "three"});
}

TEST_CASE("A runner that goes away in the middle of a stream has not ended it") {
  const TemporaryDirectory directory;
  const OneAnswer server(directory.file("a"), chunked_head(kJsonLines, false) + chunk("one\ntw"));
  auto followed = Client(directory.file("a")).follow("/v1/events");
  REQUIRE(followed.has_value());
  auto& events = std::get<EventStream>(*followed);
  std::vector<std::string> lines;
  auto more = events.read();
  for (; more; more = events.read()) lines.insert(lines.end(), more->begin(), more->end());
  CHECK(lines == std::vector<std::string>{"one"});
  CHECK(more.error().code == ECONNRESET);
  CHECK_FALSE(events.has_ended());
}

TEST_CASE("What comes instead of a stream is an answer") {
  const TemporaryDirectory directory;
  const OneAnswer server(directory.file("s"), to_bytes(Reply{409, "{\"error\":1}\n"}, false));
  const auto followed = Client(directory.file("s")).follow("/v1/events?since=9");
  REQUIRE(followed.has_value());
  const auto& reply = std::get<Reply>(*followed);
  CHECK(reply.status == 409);
  CHECK(reply.body == "{\"error\":1}\n");
}

TEST_CASE("Where nobody answers, the error says how") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("s");
  const auto missing = Client(path).ask("GET", "/healthz");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ECONNREFUSED);
  CHECK(missing.error().message == "no runner answers at '" + path + "'");

  const auto silent = sys::UnixListener::open(path);
  const auto waited = Client(path, 20ms).ask("GET", "/healthz");
  REQUIRE_FALSE(waited.has_value());
  CHECK(waited.error().code == ETIMEDOUT);
  CHECK(waited.error().message == "the runner at '" + path + "' is silent");
  CHECK(Client(path, 20ms).follow("/v1/events").error().code == ETIMEDOUT);
}

TEST_CASE("What is no answer, or a part of one, is told") {
  const TemporaryDirectory directory;
  for (const std::string answer : {"", "hello\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}) {
    CAPTURE(answer);
    const std::string path = directory.file("s");
    const OneAnswer server(path, answer);
    const auto reply = Client(path).ask("GET", "/healthz");
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == EPROTO);
  }
}

}  // namespace
}  // namespace taskrun::control
