#include "sys/unix_socket.h"

#include <cerrno>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "tests/support/temporary_directory.h"

namespace taskrun::sys {
namespace {

using namespace std::chrono_literals;

struct stat status_of(const std::string& path) {
  struct stat status{};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status;
}

TEST_CASE("A listener's file is its owner's alone, whatever the umask, and goes with it") {
  const TemporaryDirectory directory;
  const mode_t before = umask(0);
  auto listener = UnixListener::open(directory.file("s"));
  umask(before);
  REQUIRE(listener.has_value());
  CHECK((status_of(listener->path()).st_mode & 07777) == 0600);
  const auto client = connect_unix(directory.file("s"), 5s);
  REQUIRE(client.has_value());
  const auto peer = listener->accept();
  REQUIRE(peer.has_value());
  CHECK(peer_of(peer->get()) == geteuid());
  CHECK(listener->accept().error().code == EAGAIN);
  listener->close();
  CHECK(access(directory.file("s").c_str(), F_OK) != 0);
  CHECK(connect_unix(directory.file("s"), 5s).error().code == ENOENT);
}

TEST_CASE("A socket file that nobody listens on is replaced") {
  const TemporaryDirectory directory;
  auto first = UnixListener::open(directory.file("s"));
  REQUIRE(first.has_value());
  // As if its process had died: the file stays.
  REQUIRE(link(directory.file("s").c_str(), directory.file("kept").c_str()) == 0);
  first->close();
  REQUIRE(rename(directory.file("kept").c_str(), directory.file("s").c_str()) == 0);
  CHECK(connect_unix(directory.file("s"), 5s).error().code == ECONNREFUSED);
  const auto second = UnixListener::open(directory.file("s"));
  REQUIRE(second.has_value());
  CHECK(connect_unix(directory.file("s"), 5s).has_value());
}

TEST_CASE("A socket that somebody listens on is left alone") {
  const TemporaryDirectory directory;
  const auto first = UnixListener::open(directory.file("s"));
  REQUIRE(first.has_value());
  const auto second = UnixListener::open(directory.file("s"));
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == EADDRINUSE);
  CHECK(second.error().message == "cannot listen on '" + directory.file("s") + "': somebody listens there already");
  CHECK(connect_unix(directory.file("s"), 5s).has_value());
}

TEST_CASE("What is no socket is left alone and named") {
  const TemporaryDirectory directory;
  REQUIRE(mkdir(directory.file("directory").c_str(), 0700) == 0);
  REQUIRE(write_file(directory.file("file"), "text", 0600).has_value());
  REQUIRE(symlink(directory.file("file").c_str(), directory.file("link").c_str()) == 0);
  REQUIRE(mkfifo(directory.file("fifo").c_str(), 0600) == 0);
  struct Case {
    std::string name;
    std::string kind;
  };
  for (const Case& each : std::vector<Case>{
           {"directory", "a directory"}, {"file", "a file"}, {"link", "a symbolic link"}, {"fifo", "no socket"}}) {
    const std::string path = directory.file(each.name);
    const auto listener = UnixListener::open(path);
    REQUIRE_FALSE(listener.has_value());
    CHECK(listener.error().message == "cannot listen on '" + path + "': what stands there is " + each.kind);
    CHECK(access(path.c_str(), F_OK) == 0);
  }
}

TEST_CASE("A path that no socket can have is told with its length") {
  const TemporaryDirectory directory;
  const std::string path = directory.file(std::string(108 - directory.file("").size(), 'x'));
  REQUIRE(path.size() == 108);
  const auto listener = UnixListener::open(path);
  REQUIRE_FALSE(listener.has_value());
  CHECK(listener.error().message == "cannot listen on '" + path + "': the path has 108 bytes, a socket's at most 107");
  CHECK(connect_unix(path, 5s).error().code == ENAMETOOLONG);
  CHECK(UnixListener::open(path.substr(0, 107)).has_value());
}

TEST_CASE("A listener removes its own file only") {
  const TemporaryDirectory directory;
  auto listener = UnixListener::open(directory.file("s"));
  REQUIRE(listener.has_value());
  REQUIRE(unlink(directory.file("s").c_str()) == 0);
  REQUIRE(write_file(directory.file("s"), "another's", 0600).has_value());
  listener->close();
  CHECK(read_file(directory.file("s"), kibibytes(1)) == "another's");
}

}  // namespace
}  // namespace taskrun::sys
