#include "sys/notify_socket.h"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../support/temporary_directory.h"

namespace taskrun::sys {
namespace {

// A listener at `name`, spelled as the kernel does: an abstract one begins with a NUL.
Fd listen_at(const std::string& name) {
  Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(fd);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
  return fd;
}

std::string hear(const Fd& listener) {
  char text[256];
  const ssize_t size = recv(listener.get(), text, sizeof text, MSG_DONTWAIT);
  return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

TEST_CASE("a text arrives whole at a path and at an abstract name") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("notify");
  const Fd at_path = listen_at(path);
  CHECK(NotifySocket::open(path)->send("READY=1\nSTATUS=well"));
  CHECK(hear(at_path) == "READY=1\nSTATUS=well");

  const std::string name = "taskrun-test-" + std::to_string(getpid());
  const Fd abstract = listen_at(std::string(1, '\0') + name);
  CHECK(NotifySocket::open("@" + name)->send("WATCHDOG=1"));
  CHECK(hear(abstract) == "WATCHDOG=1");
}

TEST_CASE("an address that is none is refused, and one where nobody listens is told at the sending") {
  CHECK(NotifySocket::open("").error().message == "'' is no address of a socket");
  CHECK(NotifySocket::open("vsock:2:1").error().message == "'vsock:2:1' is no address of a socket");
  CHECK(NotifySocket::open("/" + std::string(107, 'x')).error().code == ENAMETOOLONG);
  const TemporaryDirectory directory;
  const auto socket = NotifySocket::open(directory.file("nobody"));
  REQUIRE(socket);
  CHECK(socket->send("READY=1").error().message == "cannot notify the service manager: No such file or directory");
}

TEST_CASE("a listener that does not read is never waited for") {
  const TemporaryDirectory directory;
  const Fd listener = listen_at(directory.file("notify"));
  const auto socket = NotifySocket::open(directory.file("notify"));
  REQUIRE(socket);
  Result<void> sent;
  for (int i = 0; i < 100'000 && sent; ++i) sent = socket->send("WATCHDOG=1");
  REQUIRE_FALSE(sent);
  CHECK(sent.error().code == EAGAIN);
}

}  // namespace taskrun::sys
