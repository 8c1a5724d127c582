#include "sys/directory.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace taskrun;
using namespace taskrun::sys;

namespace {

class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "taskrun-directory-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    fs::create_directories(root_ / "a/b");
    std::ofstream(root_ / "a/b/file") << "12345";
    fs::create_directory_symlink("a", root_ / "link");
    fs::create_directory_symlink("/", root_ / "a/out");
  }
  ~Place() { fs::remove_all(root_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

int code_of(const Directory& directory, const std::string& path, Mounts mounts = Mounts::stay) {
  const auto opened = directory.open_below(path, mounts);
  return opened ? 0 : opened.error().code;
}

// In a child, as if the kernel had no openat2.
void deny_openat2() {
  sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog program{.len = 4, .filter = rules};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(99);
}

struct Way {
  const char* path;
  int code;
};

constexpr Way kWays[] = {{"", 0},
                         {"a", 0},
                         {"a/b", 0},
                         {"link", ENOTDIR},
                         {"link/b", ELOOP},
                         {"a/out", ENOTDIR},
                         {"a/out/tmp", ELOOP},
                         {"..", EXDEV},
                         {"a/../..", EXDEV},
                         {"/tmp", EXDEV},
                         {"a/b/file", ENOTDIR},
                         {"none", ENOENT}};

}  // namespace

TEST_CASE("no path leads out of a directory, and none through a link") {
  const Place place;
  const auto directory = Directory::open(place.root());
  REQUIRE(directory);
  for (const Way& way : kWays) {
    CAPTURE(way.path);
    CHECK(code_of(*directory, way.path) == way.code);
  }
}

TEST_CASE("the same holds where the kernel has no openat2") {
  const Place place;
  const auto directory = Directory::open(place.root());
  const auto top = Directory::open("/");
  REQUIRE(directory);
  REQUIRE(top);
  const pid_t child = ::fork();
  if (child == 0) {
    deny_openat2();
    for (std::size_t i = 0; i < std::size(kWays); ++i) {
      // Walked, a link is "not a directory", and ".." is refused at once.
      const int code = code_of(*directory, kWays[i].path);
      const bool is_right = kWays[i].code == 0 ? code == 0 : code != 0;
      if (!is_right) ::_exit(static_cast<int>(i) + 1);
    }
    if (code_of(*top, "proc") != EXDEV || code_of(*top, "proc", Mounts::cross) != 0) ::_exit(98);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("another file system is entered only where asked") {
  const auto top = Directory::open("/");
  REQUIRE(top);
  CHECK(top->is_root());
  CHECK(code_of(*top, "proc") == EXDEV);
  CHECK(code_of(*top, "proc", Mounts::cross) == 0);
}

TEST_CASE("the directory itself must not be a link") {
  const Place place;
  for (const char* end : {"", "/", "///"}) {
    const auto opened = Directory::open((place.root() / "link").string() + end);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ELOOP);
    CHECK(opened.error().message == "cannot open '" + (place.root() / "link").string() + "': it is a symbolic link");
  }
  CHECK(Directory::open("").error().code == ENOENT);
}

TEST_CASE("entries are told as they are, links not followed") {
  const Place place;
  const auto directory = Directory::open(place.root());
  REQUIRE(directory);
  auto entries = directory->entries();
  REQUIRE(entries);
  std::ranges::sort(*entries, {}, &Entry::name);
  REQUIRE(entries->size() == 2);
  CHECK(entries->at(0).name == "a");
  CHECK(entries->at(0).kind == EntryKind::directory);
  CHECK(entries->at(1).kind == EntryKind::other);
  const auto below = directory->open_below("a/b", Mounts::stay);
  REQUIRE(below);
  const auto file = below->entry("file");
  REQUIRE(file);
  CHECK(file->kind == EntryKind::file);
  CHECK(file->size.count == 5);
  CHECK(below->entry("none").error().code == ENOENT);
}

TEST_CASE("files and empty directories are removed from the directory that is open") {
  const Place place;
  const auto directory = Directory::open(place.root());
  REQUIRE(directory);
  const auto a = directory->open_below("a", Mounts::stay);
  REQUIRE(a);
  CHECK(a->remove_directory("b").error().code == ENOTEMPTY);
  fs::rename(place.root() / "a", place.root() / "moved");
  const auto b = a->open_below("b", Mounts::stay);
  REQUIRE(b);
  CHECK(b->remove_file("file"));
  CHECK(a->remove_directory("b"));
  CHECK(fs::is_empty(place.root() / "moved") == false);
  CHECK_FALSE(fs::exists(place.root() / "moved/b"));
}
