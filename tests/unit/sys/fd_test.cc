#include "sys/fd.h"

#include <cerrno>
#include <set>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }
bool is_close_on_exec(int fd) { return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

// Runs `body` in a process of its own, where it may close what it likes; its result is the exit code.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a descriptor has one owner, which closes it") {
  int number = -1;
  {
    Fd first = open_file("/dev/null", O_RDONLY).value();
    number = first.get();
    Fd second = std::move(first);
    CHECK_FALSE(first);
    CHECK(second.get() == number);
    second = open_file("/dev/null", O_RDONLY).value();
    CHECK_FALSE(is_open(number));
    number = second.get();
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("every descriptor of ours closes on exec") {
  const Pipe pipe = make_pipe().value();
  const Fd file = open_file("/dev/null", O_RDWR).value();
  const Fd copy = duplicate(file.get(), 100).value();
  const Fd memory = make_memory_file("").value();
  for (const int fd : {pipe.read.get(), pipe.write.get(), file.get(), copy.get(), memory.get()}) {
    CHECK(is_close_on_exec(fd));
  }
  CHECK(copy.get() >= 100);
}

TEST_CASE("an open that fails names the path and the reason") {
  const auto missing = open_file("/nosuch/file", O_RDONLY);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "cannot open '/nosuch/file': No such file or directory");
  CHECK(missing.error().code == ENOENT);
}

TEST_CASE("a memory file reads back and cannot be changed") {
  const Fd file = make_memory_file("line one\nline two").value();
  CHECK(read_all(file.get(), kibibytes(1)).value() == "line one\nline two");
  CHECK(write(file.get(), "x", 1) == -1);
  CHECK(errno == EPERM);
}

TEST_CASE("reading to the end stops at the limit") {
  const std::string text(100'000, 'x');
  const Fd file = make_memory_file(text).value();
  CHECK(read_all(file.get(), Bytes{100'000}).value() == text);
  REQUIRE(lseek(file.get(), 0, SEEK_SET) == 0);
  CHECK(read_all(file.get(), Bytes{99'999}).error().code == EFBIG);
}

TEST_CASE("an empty pipe that does not block says so") {
  const Pipe pipe = make_pipe().value();
  REQUIRE(set_nonblocking(pipe.read.get()));
  char buffer[8];
  CHECK(read_some(pipe.read.get(), buffer).error().code == EAGAIN);
  REQUIRE(write_all(pipe.write.get(), "abc"));
  CHECK(read_some(pipe.read.get(), buffer).value() == 3);
}

TEST_CASE("closed standard descriptors are opened on /dev/null, the others stay as they are") {
  CHECK(in_child([] {
          close(0);
          close(2);
          if (!open_standard_descriptors()) return 1;
          if (!is_open(0) || !is_open(1) || !is_open(2)) return 2;
          return is_close_on_exec(0) || is_close_on_exec(2) ? 3 : 0;
        }) == 0);
  CHECK(in_child([] {
          close(0);
          close(1);
          close(2);
          if (!open_standard_descriptors()) return 1;
          return open("/dev/null", O_RDONLY) == 0 ? 2 : 0;
        }) == 0);
}

TEST_CASE("what the parent left open is marked, the standard descriptors are not") {
  CHECK(in_child([] {
          if (dup2(0, 57) != 57) return 1;
          close_inherited_on_exec();
          if (!is_close_on_exec(57)) return 2;
          return is_close_on_exec(1) ? 3 : 0;
        }) == 0);
}

}  // namespace
}  // namespace taskrun::sys
