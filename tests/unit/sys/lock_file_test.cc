#include "sys/lock_file.h"

#include <cerrno>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"
#include "tests/support/temporary_directory.h"

namespace taskrun::sys {
namespace {

TEST_CASE("One at a time holds a lock file, and the others learn who") {
  const TemporaryDirectory directory;
  auto first = LockFile::take(directory.file("lock"), "pid 7");
  REQUIRE(first.has_value());
  const auto second = LockFile::take(directory.file("lock"), "pid 8");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == EWOULDBLOCK);
  CHECK(second.error().message == "pid 7");
  struct stat status{};
  REQUIRE(stat(directory.file("lock").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("Whoever lets go removes the file, and the next may have it") {
  const TemporaryDirectory directory;
  {
    const auto lock = LockFile::take(directory.file("lock"), "pid 7");
    REQUIRE(lock.has_value());
  }
  CHECK(access(directory.file("lock").c_str(), F_OK) != 0);
  CHECK(LockFile::take(directory.file("lock"), "pid 8").has_value());
}

TEST_CASE("A holder that is killed holds no more") {
  const TemporaryDirectory directory;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = LockFile::take(directory.file("lock"), "a child with a long name");
    _exit(lock.has_value() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  CHECK(read_file(directory.file("lock"), kibibytes(1)) == "a child with a long name");
  const auto lock = LockFile::take(directory.file("lock"), "pid 8");
  REQUIRE(lock.has_value());
  CHECK(read_file(directory.file("lock"), kibibytes(1)) == "pid 8");
}

TEST_CASE("Whoever asks learns whether a lock file is held, and disturbs nobody") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("lock");
  CHECK(is_held(path) == false);
  CHECK(is_held(directory.file("none/lock")) == false);
  {
    const auto lock = LockFile::take(path, "pid 7");
    REQUIRE(lock.has_value());
    CHECK(is_held(path) == true);
  }
  CHECK(is_held(path) == false);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(LockFile::take(path, "pid 9").has_value() ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  CHECK(access(path.c_str(), F_OK) == 0);
  CHECK(is_held(path) == false);
  CHECK(LockFile::take(path, "pid 8").has_value());
}

TEST_CASE("A lock file that was removed is no lock") {
  const TemporaryDirectory directory;
  const auto first = LockFile::take(directory.file("lock"), "pid 7");
  REQUIRE(first.has_value());
  REQUIRE(unlink(directory.file("lock").c_str()) == 0);
  CHECK(LockFile::take(directory.file("lock"), "pid 8").has_value());
}

TEST_CASE("A lock file that cannot be made is told") {
  const TemporaryDirectory directory;
  REQUIRE(symlink("elsewhere", directory.file("link").c_str()) == 0);
  CHECK(LockFile::take(directory.file("link"), "x").error().code == ELOOP);
  CHECK(LockFile::take(directory.file("none/lock"), "x").error().code == ENOENT);
}

}  // namespace
}  // namespace taskrun::sys
