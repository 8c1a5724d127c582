#include "tasks/cleanup.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "call.h"

namespace fs = std::filesystem;
using taskrun::tasks::Exit;

namespace {

// A directory of its own for each test, with files of given ages.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "taskrun-cleanup-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    fs::create_directory(inside());
  }
  ~Place() { fs::remove_all(root_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] fs::path inside(const fs::path& below = "") const { return root_ / "inside" / below; }
  [[nodiscard]] fs::path outside(const fs::path& below) const { return root_ / below; }

  static void write(const fs::path& path, int age_in_hours = 0, std::size_t size = 10) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << std::string(size, 'x');
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(age_in_hours));
  }

  // `more` is the rest of the arguments: "\"keep_newest\":1".
  [[nodiscard]] Called clean(const std::string& more) const {
    return call("cleanup", R"({"directory":")" + inside().string() + "\"," + more + "}");
  }

  [[nodiscard]] bool has(const fs::path& below) const { return fs::exists(fs::symlink_status(inside(below))); }

 private:
  fs::path root_;
};

}  // namespace

TEST_CASE("old files go, and the result tells how many and how much") {
  const Place place;
  place.write(place.inside("old"), 48, 100);
  place.write(place.inside(".hidden"), 48, 11);
  place.write(place.inside("new"), 1);
  const Called called = place.clean(R"("older_than":"1d")");
  CHECK(called.exit == Exit::success);
  CHECK(called.result == R"({"deleted":2,"bytes":111,"kept":1,"failed":0,"dry_run":false})");
  CHECK(called.err == "cleanup: deleted 2 files of 111 bytes, 1 kept, 0 failed\n");
  CHECK_FALSE(place.has("old"));
  CHECK_FALSE(place.has(".hidden"));
  CHECK(place.has("new"));
}

TEST_CASE("a dry run names what would go and deletes nothing") {
  const Place place;
  place.write(place.inside("a\x1b[2J"), 48, 2048);
  const Called called = place.clean(R"("older_than":"1d","dry_run":true)");
  CHECK(called.exit == Exit::success);
  CHECK(called.result == R"({"deleted":1,"bytes":2048,"kept":0,"failed":0,"dry_run":true})");
  CHECK(called.err ==
        "cleanup: would delete a\\u{001b}[2J (2KiB)\n"
        "cleanup: would have deleted 1 files of 2048 bytes, 0 kept, 0 failed\n");
  CHECK(place.has("a\x1b[2J"));
}

TEST_CASE("directories below are left alone unless recursive") {
  const Place place;
  place.write(place.inside("below/old"), 48);
  CHECK(place.clean(R"("older_than":"1d")").exit == Exit::success);
  CHECK(place.has("below/old"));
  CHECK(place.clean(R"("older_than":"1d","recursive":true)").exit == Exit::success);
  CHECK_FALSE(place.has("below/old"));
  CHECK(place.has("below"));
}

TEST_CASE("directories that the run empties go too, where asked, and no others") {
  const Place place;
  place.write(place.inside("a/b/c/old"), 48);
  place.write(place.inside("d/old"), 48);
  place.write(place.inside("d/new"), 0);
  fs::create_directory(place.inside("empty before"));
  const Called called = place.clean(R"("older_than":"1d","recursive":true,"remove_empty_directories":true)");
  CHECK(called.exit == Exit::success);
  CHECK_FALSE(place.has("a"));
  CHECK(place.has("d/new"));
  CHECK(place.has("empty before"));
  CHECK(place.has(""));
}

TEST_CASE("count and size look at the whole tree") {
  const Place place;
  place.write(place.inside("1"), 1);
  place.write(place.inside("below/2"), 2);
  place.write(place.inside("3"), 3);
  CHECK(place.clean(R"("keep_newest":2,"recursive":true)").exit == Exit::success);
  CHECK_FALSE(place.has("3"));
  CHECK(place.clean(R"("max_total_size":10,"recursive":true)").exit == Exit::success);
  CHECK(place.has("1"));
  CHECK_FALSE(place.has("below/2"));
}

TEST_CASE("patterns say which files it is about") {
  const Place place;
  for (const char* name : {"a.log", "b.txt", "keep.log", "below/c.log", "below/d.txt"}) place.write(place.inside(name));
  const Called called =
      place.clean(R"("keep_newest":0,"recursive":true,"include":["*.log","below/*.txt"],"exclude":["keep*"])");
  CHECK(called.result == R"({"deleted":3,"bytes":30,"kept":0,"failed":0,"dry_run":false})");
  CHECK(place.has("b.txt"));
  CHECK(place.has("keep.log"));
}

TEST_CASE("no link is followed and none is deleted") {
  const Place place;
  place.write(place.outside("precious/file"), 48);
  fs::create_directory_symlink(place.outside("precious"), place.inside("directory link"));
  fs::create_symlink(place.outside("precious/file"), place.inside("file link"));
  const Called called = place.clean(R"("keep_newest":0,"recursive":true)");
  CHECK(called.exit == Exit::success);
  CHECK(called.result == R"({"deleted":0,"bytes":0,"kept":0,"failed":0,"dry_run":false})");
  CHECK(fs::exists(place.outside("precious/file")));
  CHECK(place.has("directory link"));
  CHECK(place.has("file link"));
}

TEST_CASE("only regular files go") {
  const Place place;
  REQUIRE(::mkfifo(place.inside("fifo").c_str(), 0600) == 0);
  CHECK(place.clean(R"("keep_newest":0)").exit == Exit::success);
  CHECK(place.has("fifo"));
}

TEST_CASE("the directory itself may not be a link, whatever its spelling") {
  const Place place;
  place.write(place.inside("file"));
  fs::create_directory_symlink(place.inside(), place.outside("link"));
  for (const char* end : {"", "/", "//", "/.", "/./", "//.//./"}) {
    const std::string path = place.outside("link").string() + end;
    const Called called = call("cleanup", R"({"directory":")" + path + R"(","keep_newest":0})");
    CHECK(called.exit == Exit::failure);
    CHECK(called.err.ends_with("it is a symbolic link\n"));
  }
  CHECK(place.has("file"));
}

TEST_CASE("the root of the file system is refused, whatever its spelling") {
  for (const char* path : {"/", "//", "/.", "/tmp/..", "/proc/../"}) {
    const Called called = call("cleanup", std::string(R"({"directory":")") + path + R"(","older_than":"1000d"})");
    CHECK(called.exit == Exit::arguments);
    CHECK(called.err == "cleanup: 'directory' is the root of the file system\n");
  }
}

TEST_CASE("a directory that is not there is a failure") {
  const Called called = call("cleanup", R"({"directory":"/no/such\u001b","older_than":"1d"})");
  CHECK(called.exit == Exit::failure);
  CHECK(called.err == "cleanup: cannot open '/no/such\\u{001b}': No such file or directory\n");
  CHECK(call("cleanup", R"({"directory":"","older_than":"1d"})").exit == Exit::arguments);
}

TEST_CASE("without a criterion nothing is deleted") {
  const Place place;
  place.write(place.inside("file"));
  const Called called = place.clean(R"("recursive":true)");
  CHECK(called.exit == Exit::arguments);
  CHECK(called.err == "cleanup: one of 'older_than', 'max_total_size' and 'keep_newest' must say what goes\n");
  CHECK(place.clean(R"("keep_newest":-1)").exit == Exit::arguments);
  CHECK(place.has("file"));
}

TEST_CASE("what cannot be reached is told and counted, and the rest is done") {
  const Place place;
  place.write(place.inside("file"));
  const fs::path before = fs::current_path();
  fs::current_path(place.inside());
  for (int depth = 0; depth < 20; ++depth) {  // deeper than a path can be long
    fs::create_directory(std::string(250, 'd'));
    fs::current_path(std::string(250, 'd'));
  }
  const Called called = place.clean(R"("keep_newest":0,"recursive":true)");
  CHECK(called.exit == Exit::failure);
  CHECK(called.result == R"({"deleted":1,"bytes":10,"kept":0,"failed":1,"dry_run":false})");
  CHECK(called.err.find("File name too long") != std::string::npos);
  for (int depth = 0; depth < 20; ++depth) {
    fs::current_path("..");
    fs::remove(std::string(250, 'd'));
  }
  fs::current_path(before);
}
