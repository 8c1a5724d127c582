#include "sys/file_watch.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"

namespace fs = std::filesystem;

namespace taskrun::sys {
namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// What the watch of a path tells after something was done.
struct Watched {
  explicit Watched(const std::string& path) : watch(*FileWatch::make(path)) {}
  template <class Done>
  bool tells(Done what_is_done) {
    what_is_done();
    return watch.consume();
  }
  FileWatch watch;
};

TEST_CASE("A file that is written, renamed over, removed or made anew is told of") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a.json");
  write(path, "1");
  Watched watched(path);
  CHECK_FALSE(watched.watch.consume());
  CHECK(watched.tells([&] { write(path, "2"); }));
  CHECK(watched.tells([&] {
    write(directory.file("a.json.new"), "3");
    fs::rename(directory.file("a.json.new"), path);
  }));
  CHECK(watched.tells([&] { fs::remove(path); }));
  CHECK(watched.tells([&] { write(path, "4"); }));
}

TEST_CASE("Its neighbours are not") {
  const TemporaryDirectory directory;
  write(directory.file("a.json"), "1");
  Watched watched(directory.file("a.json"));
  CHECK_FALSE(watched.tells([&] {
    write(directory.file("b.json"), "1");
    fs::rename(directory.file("b.json"), directory.file("a.json~"));
    fs::remove(directory.file("a.json~"));
  }));
}

TEST_CASE("A link on the way that is turned elsewhere is told of, and then what it leads to") {
  // As a Kubernetes volume does it: a.json -> ..data/a.json, ..data -> ..1
  const TemporaryDirectory directory;
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(directory.file(version));
    write(directory.file(version) + "/a.json", version);
  }
  fs::create_symlink("..1", directory.file("..data"));
  fs::create_symlink("..data/a.json", directory.file("a.json"));
  Watched watched(directory.file("a.json"));
  CHECK(watched.tells([&] { write(directory.file("..1/a.json"), "other"); }));
  CHECK(watched.tells([&] {
    fs::create_symlink("..2", directory.file("..next"));
    fs::rename(directory.file("..next"), directory.file("..data"));
  }));
  CHECK(watched.tells([&] { write(directory.file("..2/a.json"), "other"); }));
  static_cast<void>(watched.watch.consume());
  CHECK_FALSE(watched.tells([&] { write(directory.file("..1/a.json"), "again"); }));
}

TEST_CASE("A linked directory in the named path counts, also an absolute link") {
  const TemporaryDirectory directory;
  for (const char* version : {"one", "two"}) {
    fs::create_directory(directory.file(version));
    write(directory.file(version) + "/a.json", version);
  }
  fs::create_symlink(directory.file("one"), directory.file("current"));
  Watched watched(directory.file("current/a.json"));
  CHECK(watched.tells([&] {
    fs::remove(directory.file("current"));
    fs::create_symlink(directory.file("two"), directory.file("current"));
  }));
  CHECK(watched.tells([&] { write(directory.file("two/a.json"), "other"); }));
}

TEST_CASE("A directory that goes and comes again is waited for") {
  const TemporaryDirectory directory;
  fs::create_directory(directory.file("sub"));
  write(directory.file("sub/a.json"), "1");
  Watched watched(directory.file("sub/a.json"));
  CHECK(watched.tells([&] { fs::remove_all(directory.file("sub")); }));
  CHECK(watched.tells([&] { fs::create_directory(directory.file("sub")); }));
  CHECK(watched.tells([&] { write(directory.file("sub/a.json"), "2"); }));
}

TEST_CASE("A path that leads in a circle is watched for what may become of it") {
  const TemporaryDirectory directory;
  fs::create_symlink("b", directory.file("a"));
  fs::create_symlink("a", directory.file("b"));
  Watched watched(directory.file("a"));
  CHECK(watched.tells([&] { fs::remove(directory.file("b")); }));
  CHECK(watched.tells([&] { write(directory.file("b"), "1"); }));
}

TEST_CASE("A stamp tells one text from another, and nothing from something") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("a");
  CHECK(stamp_of(path) == FileStamp{});
  write(path, "1");
  const FileStamp first = stamp_of(path);
  CHECK_FALSE(first == FileStamp{});
  CHECK(stamp_of(path) == first);
  write(path, "22");
  CHECK_FALSE(stamp_of(path) == first);
  fs::create_symlink("a", directory.file("link"));
  CHECK(stamp_of(directory.file("link")) == stamp_of(path));
}

}  // namespace
}  // namespace taskrun::sys
