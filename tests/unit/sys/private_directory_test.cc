#include "sys/private_directory.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temporary_directory.h"

namespace taskrun::sys {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// Why it cannot be made, without the path; "" where it was.
std::string told(const std::string& path) {
  const Result<void> made = make_private_directory(path);
  if (made) return "";
  const std::string attempt = "cannot make the directory '" + path + "': ";
  CHECK(made.error().message.starts_with(attempt));
  return made.error().message.substr(attempt.size());
}

TEST_CASE("a private directory is made with everything above it") {
  const TemporaryDirectory root;
  CHECK(told(root.file("a/b/c")) == "");
  for (const char* const name : {"a", "a/b", "a/b/c"}) CHECK(mode_of(root.file(name)) == 0700);
  CHECK(told(root.file("a/b/c")) == "");
}

TEST_CASE("rights of others on one that is there are taken away") {
  const TemporaryDirectory root;
  REQUIRE(::mkdir(root.file("a").c_str(), 0777) == 0);
  CHECK(told(root.file("a")) == "");
  CHECK(mode_of(root.file("a")) == 0700);
}

TEST_CASE("a link or a file in its place is refused") {
  const TemporaryDirectory root;
  REQUIRE(::mkdir(root.file("a").c_str(), 0700) == 0);
  REQUIRE(::symlink(root.file("a").c_str(), root.file("link").c_str()) == 0);
  CHECK(told(root.file("link")) == "Not a directory");
  CHECK(told(root.file("a")) == "");
}

TEST_CASE("a directory above that others may write to is refused, unless they cannot exchange what is in it") {
  const TemporaryDirectory root;
  REQUIRE(::mkdir(root.file("shared").c_str(), 0700) == 0);
  REQUIRE(::chmod(root.file("shared").c_str(), 0777) == 0);
  CHECK(told(root.file("shared/a")) == "others may write to '" + root.file("shared") + "'");
  REQUIRE(::chmod(root.file("shared").c_str(), 01777) == 0);
  CHECK(told(root.file("shared/a")) == "");
}

TEST_CASE("a directory of another user's is refused") {
  if (::geteuid() != 0) return;  // only root can make one
  const TemporaryDirectory root;
  REQUIRE(::mkdir(root.file("a").c_str(), 0700) == 0);
  REQUIRE(::chown(root.file("a").c_str(), 1, 1) == 0);
  CHECK(told(root.file("a")) == "it belongs to another user");
}

}  // namespace
}  // namespace taskrun::sys
