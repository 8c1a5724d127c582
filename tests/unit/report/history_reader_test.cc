// The history as people ask for it: lists, runs, summaries, and files that cannot be written.

#include "report/history_reader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/history_limits.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/report/history_samples.h"

using namespace taskrun;
using namespace taskrun::report;
using Kind = HistoryEntry::Kind;

namespace {

class Library {
 public:
  explicit Library(const std::vector<HistoryRecord>& records) {
    auto opened = HistoryFile::open(path(), Durability::normal);
    REQUIRE(opened.has_value());
    file_.emplace(std::move(*opened));
    REQUIRE(file_->write(records).has_value());
  }
  [[nodiscard]] std::string path() const { return directory_.file(kHistoryName); }
  [[nodiscard]] const std::string& directory() const { return directory_.path(); }
  void close() { file_.reset(); }
  HistoryFile& file() { return *file_; }

  [[nodiscard]] HistoryReader reader() const {
    auto reader = HistoryReader::open(path());
    REQUIRE_MESSAGE(reader.has_value(), (reader ? "" : reader.error().error.message));
    return std::move(*reader);
  }

  /// "OUTCOME task second" for each entry.
  [[nodiscard]] std::vector<std::string> list(const HistoryQuery& query) const {
    std::vector<std::string> lines;
    const auto listed = reader().list(query, [&](const HistoryEntry& entry) {
      const auto second = std::chrono::duration_cast<std::chrono::seconds>(entry.scheduled_at - kNoon).count();
      lines.push_back(std::string(word_of(entry)) + ' ' + entry.task + ' ' + std::to_string(second));
      return true;
    });
    REQUIRE_MESSAGE(listed.has_value(), (listed ? "" : listed.error().error.message));
    return lines;
  }

 private:
  TemporaryDirectory directory_;
  std::optional<HistoryFile> file_;
};

using Lines = std::vector<std::string>;

std::vector<HistoryRecord> story() {
  RunFinished first = ended(run_of("b", 3), Outcome::timeout);
  first.is_final = false;
  RunFinished second = ended(run_of("b", 3), Outcome::failure);
  second.run.attempt = 2;
  return {ended(run_of("a", 1)),
          claimed(run_of("b", 2)),
          first,
          second,
          RecordsLost{kNoon + 4s, kNoon + 5s, 7},
          skipped(run_of("a", 6), SkipReason::missed, 9),
          claimed(run_of("a", 7)),
          ended(run_of("a", 8), Outcome::cancelled)};
}

}  // namespace

TEST_CASE("a list has the running first, then the newest, and of each run its final attempt") {
  const Library library(story());
  CHECK(library.list({}) ==
        Lines{"running a 7", "running b 2", "cancelled a 8", "skipped a 6", "gap  4", "failure b 3", "success a 1"});
}

TEST_CASE("the list of one task has its own entries, and the gaps in which some may be") {
  const Library library(story());
  CHECK(library.list({.task = "a"}) == Lines{"running a 7", "cancelled a 8", "skipped a 6", "gap  4", "success a 1"});
  CHECK(library.list({.task = "b"}) == Lines{"running b 2", "gap  4", "failure b 3"});
  CHECK(library.list({.task = "c"}) == Lines{"gap  4"});
}

TEST_CASE("a list is of what failed, of a time, and as long as was asked for") {
  const Library library(story());
  CHECK(library.list({.failed = true}) == Lines{"failure b 3"});
  CHECK(library.list({.task = "a", .failed = true}).empty());
  CHECK(library.list({.since = kNoon + 6s, .limit = 3}) == Lines{"running a 7", "running b 2", "cancelled a 8"});
  CHECK(library.list({.task = "a", .since = kNoon + 6s, .until = kNoon + 7s}) == Lines{"skipped a 6"});
  CHECK(library.list({.until = kNoon + 2s}) == Lines{"success a 1"});
  CHECK(library.list({.since = kNoon + 2s, .until = kNoon + 3s}) == Lines{"running b 2", "success a 1"});
  CHECK(library.list({.limit = 1}) == Lines{"running a 7"});
}

TEST_CASE("a list of many pages is whole and in order, of all tasks and of one") {
  std::vector<HistoryRecord> records;
  const int count = 3 * static_cast<int>(limits::kHistoryPage);
  for (int second = 0; second < count; ++second) {
    records.emplace_back(ended(run_of(second % 2 == 0 ? "a" : "b", second)));
    records.emplace_back(ended(run_of("twin", 0, Trigger::manual, second)));
  }
  const Library library(records);
  const Lines all = library.list({});
  REQUIRE(all.size() == records.size());
  CHECK(all[1] == "success b " + std::to_string(count - 1));
  CHECK(all.back() == "success a 0");
  CHECK(library.list({.task = "twin"}).size() == static_cast<std::size_t>(count));
  const Lines of_a = library.list({.task = "a"});
  REQUIRE(of_a.size() == static_cast<std::size_t>(count) / 2);
  CHECK(of_a.front() == "success a " + std::to_string(count - 2));
  CHECK(library.list({.since = kNoon + std::chrono::seconds(count - 3)}).front() ==
        "success b " + std::to_string(count - 1));
}

TEST_CASE("whoever has enough gets no more") {
  const Library library(story());
  int taken = 0;
  CHECK(library.reader().list({}, [&](const HistoryEntry&) { return ++taken < 2; }).has_value());
  CHECK(taken == 2);
}

TEST_CASE("a run is found by its id, by the beginning of it, and by its end") {
  const RunRef run = run_of("a", 1), open = run_of("b", 1);
  const Library library({ended(run), claimed(open)});
  HistoryReader reader = library.reader();
  const std::string text = run.id.text();
  std::string capitals = text;
  std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  for (const std::string& word : {text, capitals, text.substr(28), text.substr(0, 30), open.id.text().substr(24)}) {
    const auto found = reader.find_runs(word, 10);
    REQUIRE(found.has_value());
    CHECK_MESSAGE(found->size() == 1, word);
  }
  CHECK(reader.find_runs(text.substr(0, 8), 10)->size() == 2);
  CHECK(reader.find_runs("", 10)->empty());
  CHECK(reader.find_runs("' OR 1 = 1 --", 10)->empty());
  CHECK(reader.find_runs(text + "0", 10)->empty());
}

TEST_CASE("a run has all its attempts, each with what it wrote and what it reported") {
  RunFinished first = ended(run_of("a", 1), Outcome::failure);
  first.is_final = false;
  first.retry_in = 2s;
  first.report.stdout_tail = std::string("\x1b[31m\0", 6);
  first.report.stderr_tail = "oh";
  first.report.result = "{}";
  first.report.exit.core_dumped = true;
  first.report.output_complete = false;
  first.killed_by = KilledBy::oom;
  first.error = "why";
  const Library library({claimed(first.run), first});
  HistoryReader reader = library.reader();
  const auto attempts = reader.attempts(first.run.id);
  REQUIRE(attempts.has_value());
  REQUIRE(attempts->size() == 2);
  const HistoryEntry& entry = attempts->front();
  CHECK(entry.kind == Kind::ended);
  CHECK(entry.at == first.started_at);
  CHECK(entry.duration == first.duration);
  CHECK(entry.report.exit == first.report.exit);
  CHECK(entry.report.cpu_user == first.report.cpu_user);
  CHECK(entry.report.max_rss_kib == 3000);
  CHECK_FALSE(entry.report.output_complete);
  CHECK(entry.killed_by == KilledBy::oom);
  CHECK(entry.retry_in == 2s);
  CHECK(entry.error == "why");
  CHECK(attempts->back().kind == Kind::running);
  CHECK(attempts->back().attempt == 2);
  const auto output = reader.output(entry.number);
  REQUIRE(output.has_value());
  CHECK(output->stdout_tail == first.report.stdout_tail);
  CHECK(output->stderr_tail == "oh");
  CHECK(output->result == "{}");
  CHECK(reader.attempts(run_of("z", 1).id)->empty());
}

TEST_CASE("a summary counts runs and skips, and orders durations") {
  std::vector<HistoryRecord> records{skipped(run_of("a", 900), SkipReason::paused, 4), skipped(run_of("c", 1))};
  for (int second = 1; second <= 100; ++second) {
    const Outcome outcome = second > 90 ? Outcome::failure : Outcome::success;
    records.emplace_back(ended(run_of("a", second), outcome, std::chrono::milliseconds(second)));
  }
  const Library library(records);
  const auto summaries = library.reader().summarize({});
  REQUIRE(summaries.has_value());
  REQUIRE(summaries->size() == 2);
  const TaskSummary& a = summaries->front();
  CHECK(a.task == "a");
  CHECK(a.runs == 100);
  CHECK(a.successes == 90);
  CHECK(a.skipped == 4);
  CHECK(a.median == 50ms);
  CHECK(a.p95 == 95ms);
  CHECK(a.longest == 100ms);
  CHECK(a.last_success == kNoon + 90s + 2ms);
  REQUIRE(a.latest.size() == limits::kHistorySparks);
  CHECK(a.latest.back() == 100ms);
  CHECK(summaries->back().runs == 0);
  CHECK(library.reader().summarize({.task = "a", .since = kNoon + 95s})->front().runs == 6);
  CHECK(library.reader().summarize({.task = "z"})->empty());
}

TEST_CASE("a stopped runner's history is read, and nothing is left beside it") {
  Library library(story());
  library.close();
  CHECK(library.list({}).size() == 7);
  CHECK(std::distance(std::filesystem::directory_iterator(library.directory()), {}) == 1);
}

TEST_CASE("a history that nobody may write is read, where nothing waits in its log") {
  Library library(story());
  library.close();
  namespace fs = std::filesystem;
  fs::permissions(library.path(), fs::perms(0400));
  fs::permissions(library.directory(), fs::perms(0500));
  CHECK(library.list({}).size() == 7);
  fs::permissions(library.directory(), fs::perms(0700));
}

TEST_CASE("what cannot be read says why") {
  const TemporaryDirectory directory;
  const std::string path = directory.file(kHistoryName);
  const auto kind = [&] {
    const auto opened = HistoryReader::open(path);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().error.message.find(path) != std::string::npos);
    return opened.error().kind;
  };
  CHECK(kind() == HistoryTrouble::Kind::absent);
  CHECK_FALSE(std::filesystem::exists(path));
  std::ofstream(path) << "";
  CHECK(kind() == HistoryTrouble::Kind::absent);
  std::ofstream(path) << std::string(5000, 'x');
  CHECK(kind() == HistoryTrouble::Kind::corrupt);
}

TEST_CASE("a reader changes nothing, whatever it is asked") {
  Library library(story());
  auto connection = database::SqliteConnection::open(library.path(), database::SqliteAccess::read_write, 1s);
  const std::int64_t version = connection->ask("PRAGMA data_version").value();
  HistoryReader reader = library.reader();
  CHECK(reader.has_task("a").value());
  CHECK_FALSE(reader.has_task("z").value());
  CHECK(library.list({.task = "a"}).size() == 5);
  CHECK(connection->ask("PRAGMA data_version").value() == version);
}
