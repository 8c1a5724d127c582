// The record of due times: what it keeps, what it does not believe, and what it tells when the disk fails.

#include "daemon/due_record.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "daemon/due_file.h"
#include "sys/file.h"
#include "tests/support/temporary_directory.h"

using namespace taskrun;
using namespace taskrun::daemon;

namespace {

WallTime second(std::int64_t count) { return WallTime(std::chrono::seconds(count)); }

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("what is remembered is there for the next runner, to the nanosecond") {
  const TemporaryDirectory directory;
  DueRecord first(make_file_store(directory.path()));
  CHECK_FALSE(first.take("a").has_value());
  first.remember({"a", DueMark{second(5) + Nanos(7), {second(1), second(2)}}});
  first.remember({"b", DueMark{second(6), {}}});
  CHECK_FALSE(first.commit().has_value());
  DueRecord next(make_file_store(directory.path()));
  CHECK(next.take("a") == DueMark{second(5) + Nanos(7), {second(1), second(2)}});
  CHECK(next.take("b") == DueMark{second(6), {}});
}

TEST_CASE("only its owner may read the record, and no other file stays beside it") {
  const TemporaryDirectory directory;
  DueRecord record(make_file_store(directory.path()));
  record.remember({"a", DueMark{second(1), {}}});
  CHECK_FALSE(record.commit().has_value());
  struct stat status{};
  CHECK(::stat((directory.path() + "/due-times").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(names_in(directory.path()) == std::vector<std::string>{"due-times"});
}

TEST_CASE("a task that the runner has no longer is forgotten with the first commit") {
  const TemporaryDirectory directory;
  for (int runner = 0; runner < 3; ++runner) {
    DueRecord record(make_file_store(directory.path()));
    CHECK(record.take("a").has_value() == (runner == 1));
    if (runner == 0) record.remember({"a", DueMark{second(1), {}}});
    CHECK_FALSE(record.commit().has_value());
  }
}

TEST_CASE("a task that was removed is forgotten") {
  const TemporaryDirectory directory;
  DueRecord record(make_file_store(directory.path()));
  record.remember({"a", DueMark{second(1), {}}});
  record.remember({"a", std::nullopt});
  CHECK_FALSE(record.commit().has_value());
  CHECK(make_file_store(directory.path())->load().empty());
}

TEST_CASE("without a change nothing is written") {
  const TemporaryDirectory directory;
  DueRecord record(make_file_store(directory.path()));
  CHECK_FALSE(record.commit().has_value());
  CHECK(names_in(directory.path()).empty());
}

TEST_CASE("a record that cannot be written is told once, and once when it can be again") {
  const TemporaryDirectory directory;
  const std::string state = directory.path() + "/state";
  DueRecord record(make_file_store(state));
  record.remember({"a", DueMark{second(1), {}}});
  const auto told = record.commit();
  REQUIRE(told.has_value());
  CHECK(std::get<HistoryDegraded>(*told).error.find(state) != std::string::npos);
  CHECK_FALSE(record.commit().has_value());
  std::filesystem::create_directory(state);
  const auto restored = record.commit();
  REQUIRE(restored.has_value());
  CHECK(std::holds_alternative<HistoryRestored>(*restored));
  CHECK(make_file_store(state)->load().contains("a"));
}

TEST_CASE("a record that cannot be read is set aside with a date, never deleted") {
  const TemporaryDirectory directory;
  const std::string broken = "taskrun-due-times 1 2\na 1\n";
  REQUIRE(sys::write_file(directory.path() + "/due-times", broken));
  CHECK(make_file_store(directory.path())->load().empty());
  const auto names = names_in(directory.path());
  REQUIRE(names.size() == 1);
  CHECK(names.front().starts_with("due-times.20"));
  CHECK(names.front().ends_with(".broken"));
  CHECK(*sys::read_file(directory.path() + "/" + names.front(), kibibytes(1)) == broken);
}

TEST_CASE("the text of the record says what it is, and how many tasks follow") {
  CHECK(write_due_marks({}) == "taskrun-due-times 1 0\n");
  CHECK(write_due_marks({{"b", {second(2), {}}}, {"a", {second(9), {second(1), second(3)}}}}) ==
        "taskrun-due-times 1 2\na 9000000000 1000000000 3000000000\nb 2000000000\n");
}

TEST_CASE("no text but a whole one is a record") {
  CHECK(read_due_marks("taskrun-due-times 1 0\n").has_value());
  CHECK(read_due_marks("taskrun-due-times 1 1\na 9 1 3\n").has_value());
  for (const char* text : {"",
                           "\n",
                           "taskrun-due-times 1 0",
                           "taskrun-due-times 1\n",
                           "taskrun-due-times 2 0\n",
                           "taskrun-due-times 1 -1\n",
                           "taskrun-due-times 1 99999999999999999999\n",
                           "taskrun-due-times 1 x\n",
                           "taskrun-due-times 1 1\n",
                           "taskrun-due-times 1 1\na 1",
                           "taskrun-due-times 1 1\na\n",
                           "taskrun-due-times 1 1\na \n",
                           "taskrun-due-times 1 1\n 1\n",
                           "taskrun-due-times 1 1\na 1 \n",
                           "taskrun-due-times 1 1\na -1\n",
                           "taskrun-due-times 1 1\na 1.5\n",
                           "taskrun-due-times 1 1\na 9 3 1\n",
                           "taskrun-due-times 1 1\na 9 3 10\n",
                           "taskrun-due-times 1 1\na 9223372036854775808\n",
                           "taskrun-due-times 1 2\na 1\na 1\n",
                           "taskrun-due-times 1 1\na 1\nb 1\n",
                           "taskrun-due-times 1 9223372036854775807\na 1\n"}) {
    CAPTURE(text);
    CHECK_FALSE(read_due_marks(text).has_value());
  }
}

TEST_CASE("a record that was cut anywhere is not believed") {
  const std::string whole = write_due_marks({{"a", {second(9), {second(1)}}}, {"b", {second(2), {}}}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(read_due_marks(whole.substr(0, size)).has_value());
  }
}
