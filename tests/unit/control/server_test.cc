#include "control/server.h"

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/control/fake_desk.h"

namespace taskrun::control {
namespace {

/// A server and its peers on one loop; the test decides when the loop runs.
struct World {
  boost::asio::io_context loop;
  FakeDesk desk;
  EventRing events{"x"};
  Server server{loop, desk, events};

  World() { std::signal(SIGPIPE, SIG_IGN); }

  sys::Fd connect(Origin origin = Origin::socket) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
    server.adopt(sys::Fd(ends[0]), origin);
    return sys::Fd(ends[1]);
  }
  /// Everything that can happen without waiting for a deadline.
  void settle() {
    while (loop.poll() > 0) loop.restart();
    loop.restart();
  }
  void send(const sys::Fd& peer, const std::string& bytes) {
    REQUIRE(sys::write_all(peer.get(), bytes).has_value());
    settle();
  }
  std::string take(const sys::Fd& peer) {
    settle();
    std::string out;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(peer.get(), buffer, sizeof buffer)) > 0; settle()) {
      out.append(buffer, static_cast<std::size_t>(count));
    }
    return out;
  }
  /// Whether the server has closed its end.
  bool is_over(const sys::Fd& peer) {
    take(peer);
    char byte = 0;
    return ::read(peer.get(), &byte, 1) == 0;
  }
};

const std::string kHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find('\r')); }

TEST_CASE("Requests are answered one after the other on one connection") {
  World world;
  const sys::Fd peer = world.connect();
  world.send(peer, kHealth);
  const std::string first = world.take(peer);
  CHECK(status_line(first) == "HTTP/1.1 200 OK");
  CHECK(first.ends_with("{\"status\":\"ok\",\"manifest_error\":null}\n"));
  world.send(peer, kHealth + kHealth);
  const std::string both = world.take(peer);
  CHECK(both == first + first);
  CHECK(world.server.connections() == 1);
}

TEST_CASE("A large answer is made in turns, others are answered in between, and the connection goes on") {
  World world;
  const std::size_t count = 3 * limits::kTasksATurn;
  for (std::size_t task = 0; task < count; ++task) world.desk.put("t" + std::to_string(task));
  const sys::Fd large = world.connect();
  const sys::Fd small = world.connect();
  world.send(large, "GET /v1/tasks HTTP/1.1\r\n\r\n");  // not read, so not all of it can be sent
  CHECK(world.desk.pages < 3);
  world.send(small, kHealth);
  CHECK(status_line(world.take(small)) == "HTTP/1.1 200 OK");
  CHECK(world.desk.pages < 3);
  std::string bytes = world.take(large);
  ReplyReader reader;
  REQUIRE(reader.feed(bytes).has_value());
  REQUIRE(reader.is_complete());
  CHECK(nlohmann::json::parse(reader.take_body())["tasks"].size() == count);
  world.send(large, kHealth);
  CHECK(status_line(world.take(large)) == "HTTP/1.1 200 OK");
}

TEST_CASE("A peer that knows no chunks is answered in turns, too, until its connection ends") {
  World world;
  const std::size_t count = 3 * limits::kTasksATurn;
  for (std::size_t task = 0; task < count; ++task) world.desk.put("t" + std::to_string(task));
  const sys::Fd peer = world.connect();
  world.send(peer, "GET /v1/tasks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(world.desk.pages < 3);
  const std::string answer = world.take(peer);
  const std::string head = answer.substr(0, answer.find("\r\n\r\n"));
  CHECK(head == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close");
  CHECK(nlohmann::json::parse(answer.substr(head.size() + 4))["tasks"].size() == count);
  CHECK(world.is_over(peer));
}

TEST_CASE("A HEAD is told what a GET would be, but for the body") {
  World world;
  const sys::Fd peer = world.connect();
  world.send(peer, "GET /healthz HTTP/1.1\r\n\r\n");
  const std::string whole = world.take(peer);
  world.send(peer, "HEAD /healthz HTTP/1.1\r\n\r\n");
  CHECK(world.take(peer) == whole.substr(0, whole.find("\r\n\r\n") + 4));
  world.send(peer, "HEAD /v1/events HTTP/1.1\r\n\r\n" + kHealth);
  const std::string answers = world.take(peer);
  CHECK(answers.find("Allow: GET\r\n") != std::string::npos);
  CHECK(answers.ends_with(whole));
}

TEST_CASE("The network may ask by our own name alone, and takes no place from the socket") {
  World world;
  world.server.listen(*sys::TcpListener::open({}), {"node-1"});
  const sys::Fd peer = world.connect(Origin::network);
  const auto told = [&](const std::string& request) {
    world.send(peer, request);
    return status_line(world.take(peer));
  };
  CHECK(told("GET /healthz HTTP/1.1\r\nHost: localhost:9464\r\n\r\n") == "HTTP/1.1 200 OK");
  CHECK(told("GET /healthz HTTP/1.1\r\nHost: node-1\r\n\r\n") == "HTTP/1.1 200 OK");
  CHECK(told("GET /healthz HTTP/1.1\r\nHost: node-2\r\n\r\n") == "HTTP/1.1 403 Forbidden");
  CHECK(told("GET /healthz HTTP/1.1\r\n\r\n") == "HTTP/1.1 400 Bad Request");
  CHECK(told("GET http://node-1:1/healthz HTTP/1.1\r\nHost: node-2\r\n\r\n") == "HTTP/1.1 200 OK");
  CHECK(told("GET http://node-2/healthz HTTP/1.1\r\nHost: node-1\r\n\r\n") == "HTTP/1.1 403 Forbidden");
  CHECK(told("GET http://node-1@node-2/healthz HTTP/1.1\r\nHost: node-1\r\n\r\n") == "HTTP/1.1 403 Forbidden");
  CHECK(told("GET /v1/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n") == "HTTP/1.1 404 Not Found");
  CHECK(told("POST /v1/stop HTTP/1.1\r\nHost: localhost\r\n\r\n") == "HTTP/1.1 405 Method Not Allowed");
  std::vector<sys::Fd> crowd;
  for (std::size_t i = 1; i < limits::kControlConnections; ++i) crowd.push_back(world.connect(Origin::network));
  CHECK(status_line(world.take(world.connect(Origin::network))) == "HTTP/1.1 503 Service Unavailable");
  const sys::Fd own = world.connect();
  world.send(own, kHealth);
  CHECK(status_line(world.take(own)) == "HTTP/1.1 200 OK");
}

TEST_CASE("A peer that leaves in the middle of a large answer is forgotten") {
  World world;
  for (std::size_t task = 0; task < 3 * limits::kTasksATurn; ++task) world.desk.put("t" + std::to_string(task));
  sys::Fd peer = world.connect();
  world.send(peer, "GET /v1/tasks HTTP/1.1\r\n\r\n");
  peer.reset();
  world.settle();
  CHECK(world.server.connections() == 0);
  CHECK(world.desk.pages < 3);
}

TEST_CASE("A connection ends where the peer wants it, or closes it") {
  World world;
  const sys::Fd polite = world.connect();
  world.send(polite, "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(world.is_over(polite));
  sys::Fd brief = world.connect();
  world.settle();
  CHECK(world.server.connections() == 2);  // the polite one may still have something to send
  brief.reset();
  world.settle();
  CHECK(world.server.connections() == 1);
}

TEST_CASE("Garbage is answered and ends the connection") {
  World world;
  sys::Fd peer = world.connect();
  world.send(peer, "hello\r\n\r\n");
  const std::string answer = world.take(peer);
  CHECK(status_line(answer) == "HTTP/1.1 400 Bad Request");
  CHECK(answer.find("\"code\":\"bad_request\"") != std::string::npos);
  CHECK(world.is_over(peer));
  peer.reset();
  world.settle();
  CHECK(world.server.connections() == 0);
}

TEST_CASE("A refused peer may go on sending a while, then is cut") {
  World world;
  const sys::Fd peer = world.connect();
  world.send(peer, "POST /v1/tasks HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n");
  std::size_t sent = 0;
  const std::string flood(64 * 1024, 'x');
  while (world.server.connections() > 0 && sent < 2 * limits::kControlDiscard.count) {
    const ssize_t count = ::send(peer.get(), flood.data(), flood.size(), MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<std::size_t>(count);
    world.settle();
  }
  CHECK(sent >= limits::kControlDiscard.count / 2);
  CHECK(world.server.connections() == 0);
  CHECK(status_line(world.take(peer)) == "HTTP/1.1 413 Payload Too Large");
}

TEST_CASE("One peer too many is told so at once") {
  World world;
  std::vector<sys::Fd> peers;
  for (std::size_t i = 0; i < limits::kControlConnections; ++i) peers.push_back(world.connect());
  const sys::Fd late = world.connect();
  CHECK(status_line(world.take(late)) == "HTTP/1.1 503 Service Unavailable");
  CHECK(world.is_over(late));
  peers.pop_back();
  world.settle();
  const sys::Fd next = world.connect();
  world.send(next, kHealth);
  CHECK(status_line(world.take(next)) == "HTTP/1.1 200 OK");
}

TEST_CASE("A subscriber gets the lines as they come, and the end after the last") {
  World world;
  world.events.record({WallTime{}, ClockJumped{}});
  const sys::Fd peer = world.connect();
  world.send(peer, "GET /v1/events?since=0 HTTP/1.1\r\n\r\n");
  ReplyReader reader;
  std::string bytes = world.take(peer);
  REQUIRE(reader.feed(bytes).has_value());
  CHECK(reader.take_body().find("\"seq\":1,") != std::string::npos);
  world.events.record({WallTime{}, ClockJumped{}});
  bytes += world.take(peer);
  REQUIRE(reader.feed(bytes).has_value());
  CHECK(reader.take_body().find("\"seq\":2,") != std::string::npos);
  world.events.record({WallTime{}, ClockJumped{}});
  world.server.finish();
  bytes += world.take(peer);
  REQUIRE(reader.feed(bytes).has_value());
  CHECK(reader.take_body().find("\"seq\":3,") != std::string::npos);
  CHECK(reader.is_complete());
}

TEST_CASE("A subscriber that does not read holds up nobody, and is told what it missed") {
  World world;
  const sys::Fd peer = world.connect();
  world.send(peer, "GET /v1/events HTTP/1.1\r\n\r\n");
  const std::size_t enough = 4 * limits::kEventRing.count / 100;
  for (std::size_t i = 0; i < enough; ++i) {
    world.events.record({WallTime{}, ClockJumped{}});
    if (i % 1000 == 0) world.settle();
  }
  const sys::Fd other = world.connect();
  world.send(other, kHealth);
  CHECK(status_line(world.take(other)) == "HTTP/1.1 200 OK");
  ReplyReader reader;
  std::string bytes = world.take(peer);
  REQUIRE(reader.feed(bytes).has_value());
  const std::string lines = reader.take_body();
  CHECK(lines.find("\"event\":\"events_dropped\"") != std::string::npos);
  CHECK(lines.find("\"seq\":" + std::to_string(enough) + ",") != std::string::npos);
}

TEST_CASE("A subscriber that goes away is forgotten") {
  World world;
  sys::Fd peer = world.connect();
  world.send(peer, "GET /v1/events HTTP/1.1\r\n\r\n");
  CHECK(world.server.connections() == 1);
  peer.reset();
  world.settle();
  CHECK(world.server.connections() == 0);
  world.events.record({WallTime{}, ClockJumped{}});
  world.settle();
}

TEST_CASE("An answer is taken by a peer that reads late, and given up with one that has gone") {
  World world;
  for (int i = 0; i < 10'000; ++i) world.desk.put("task-" + std::to_string(i));
  sys::Fd peer = world.connect();
  world.send(peer, "GET /v1/tasks HTTP/1.1\r\n\r\n");
  const std::string answer = world.take(peer);
  CHECK(answer.find("task-9999") != std::string::npos);
  world.send(peer, "GET /v1/tasks HTTP/1.1\r\n\r\n");
  peer.reset();
  world.settle();
  CHECK(world.server.connections() == 0);
}

TEST_CASE("Peers come through the listening socket, which is gone at the end") {
  const TemporaryDirectory directory;
  World world;
  world.server.listen(*sys::UnixListener::open(directory.file("s")));
  const auto peer = sys::connect_unix(directory.file("s"), std::chrono::seconds(5));
  REQUIRE(peer.has_value());
  REQUIRE(sys::set_nonblocking(peer->get()).has_value());
  world.send(*peer, kHealth);
  CHECK(status_line(world.take(*peer)) == "HTTP/1.1 200 OK");
  world.server.finish();
  CHECK(::access(directory.file("s").c_str(), F_OK) != 0);
  CHECK_FALSE(sys::connect_unix(directory.file("s"), std::chrono::seconds(5)).has_value());
}

}  // namespace
}  // namespace taskrun::control
