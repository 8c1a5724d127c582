#include "sys/file.h"

#include <cerrno>
#include <filesystem>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fd.h"
#include "tests/support/temporary_directory.h"

namespace taskrun::sys {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

std::size_t entries_of(const std::string& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

struct Refused {
  std::string name;
  std::string message;
  int code;
};

void check_refused(const TemporaryDirectory& directory, const Refused& expected) {
  CAPTURE(expected.name);
  const std::string path = directory.file(expected.name);
  const auto text = read_file(path, kibibytes(1));
  REQUIRE_FALSE(text);
  CHECK(text.error().message == "cannot " + expected.message.substr(0, 4) + " '" + path + expected.message.substr(4));
  CHECK(text.error().code == expected.code);
}

TEST_CASE("a file reads back as it was written, and a link to it likewise") {
  const TemporaryDirectory directory;
  const std::string text("line\n\0bytes\xff", 12);
  REQUIRE(write_file(directory.file("a"), text));
  std::filesystem::create_symlink("a", directory.file("link"));
  CHECK(read_file(directory.file("a"), Bytes{12}).value() == text);
  CHECK(read_file(directory.file("link"), Bytes{12}).value() == text);
}

TEST_CASE("what is no regular file is refused at once, each kind by its name") {
  const TemporaryDirectory directory;
  REQUIRE(mkfifo(directory.file("fifo").c_str(), 0600) == 0);
  std::filesystem::create_directory(directory.file("directory"));
  std::filesystem::create_symlink("/dev/zero", directory.file("device"));
  std::filesystem::create_symlink("nowhere", directory.file("dangling"));
  std::filesystem::create_symlink("loop", directory.file("loop"));
  REQUIRE(write_file(directory.file("large"), std::string(1025, 'x')));
  const Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  directory.file("socket").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);

  const Refused refused[] = {
      {"missing", "open': No such file or directory", ENOENT},
      {"dangling", "open': it is a link to a file that does not exist", ENOENT},
      {"loop", "open': Too many levels of symbolic links", ELOOP},
      {"fifo", "read': it is a FIFO, not a regular file", ESPIPE},
      {"directory", "read': it is a directory", EISDIR},
      {"device", "read': it is a device, not a regular file", ENODEV},
      {"socket", "read': it is a socket, not a regular file", ENXIO},
      {"large", "read': it is larger than 1KiB", EFBIG},
  };
  for (const Refused& expected : refused) check_refused(directory, expected);
}

TEST_CASE("a file without permission says so") {
  const TemporaryDirectory directory;
  REQUIRE(write_file(directory.file("secret"), "x", 0));
  if (access(directory.file("secret").c_str(), R_OK) == 0) {
    MESSAGE("this user may read everything: checked in a process that gave that up");
    REQUIRE(chmod(directory.path().c_str(), 0755) == 0);
    const pid_t child = fork();
    if (child == 0) {
      if (setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
      const auto text = read_file(directory.file("secret"), kibibytes(1));
      _exit(!text && text.error().code == EACCES ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  } else {
    check_refused(directory, {"secret", "open': Permission denied", EACCES});
  }
}

TEST_CASE("a file without a size of its own is read up to the limit") {
  CHECK(read_file("/proc/self/mountinfo", mebibytes(1)).value().size() > 1);
  CHECK(read_file("/proc/self/mountinfo", Bytes{1}).error().code == EFBIG);
}

TEST_CASE("a write replaces the file whole, with the mode asked for, whatever the umask") {
  const TemporaryDirectory directory;
  const mode_t before = umask(0);
  REQUIRE(write_file(directory.file("a"), "old text, which is longer"));
  CHECK(mode_of(directory.file("a")) == 0600);
  REQUIRE(write_file(directory.file("a"), "new", 0640));
  umask(before);
  CHECK(mode_of(directory.file("a")) == 0640);
  CHECK(read_file(directory.file("a"), kibibytes(1)).value() == "new");
  CHECK(entries_of(directory.path()) == 1);
}

TEST_CASE("a write that fails leaves nothing behind") {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory.file("a/b"));
  const auto onto_directory = write_file(directory.file("a"), "text");
  REQUIRE_FALSE(onto_directory);
  CHECK(onto_directory.error().message == "cannot write '" + directory.file("a") + "': Is a directory");
  CHECK(entries_of(directory.path()) == 1);
  CHECK(write_file(directory.file("missing/a"), "text").error().code == ENOENT);
}

}  // namespace
}  // namespace taskrun::sys
