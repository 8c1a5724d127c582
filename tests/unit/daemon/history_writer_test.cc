// The thread that writes the history: one batch of all that waits, an end that leaves nothing behind, old runs pruned.

#include "daemon/history_writer.h"

#include <condition_variable>
#include <filesystem>

#include <doctest/doctest.h>

#include "database/sqlite.h"
#include "tests/support/temporary_directory.h"

using namespace taskrun;
using namespace taskrun::daemon;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = WallTime(std::chrono::hours(500'000));

report::HistoryRecord claim(std::uint16_t number) {
  static const auto spec =
      std::make_shared<TaskSpec>(TaskSpec{"a", ShellText{"x"}, OnRequest{}, std::make_shared<TaskPolicy>()});
  const RunId id{{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}};
  return report::RunClaimed{{{spec, 1}, id, 1, Trigger::schedule, kNow + std::chrono::seconds(number)}, kNow};
}

struct Told {
  std::mutex mutex;
  std::vector<HistoryWriter::Progress> progress;
};

}  // namespace

TEST_CASE("all that was submitted is written by the end, and told in order") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  Told told;
  {
    FoundHistory found = find_history({path});
    HistoryWriter writer(found, [&](HistoryWriter::Progress progress) {
      const std::lock_guard lock(told.mutex);
      told.progress.push_back(std::move(progress));
    });
    for (std::uint16_t i = 1; i <= 1000; ++i) CHECK(writer.submit({claim(i)}, kNow, false) == i);
    CHECK(writer.has_ended_within(60s));
  }
  REQUIRE_FALSE(told.progress.empty());
  HistoryWriter::Ticket before = 0;
  for (const HistoryWriter::Progress& progress : told.progress) {
    CHECK(progress.trouble == "");
    CHECK(progress.done > before);
    before = progress.done;
  }
  CHECK(before == 1000);
  CHECK(report::HistoryFile::open(path, report::Durability::normal)->open_runs()->size() == 1000);
}

TEST_CASE("a file that took the place of one that could not be written keeps its own, and gets nothing of its log") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  const std::string other = directory.path() + "/other.db";
  {
    FoundHistory found = find_history({other});
    const std::vector<report::HistoryRecord> records{claim(500)};
    REQUIRE(found.file->write(records));
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t failures = 0;
  FoundHistory found = find_history({path});
  // Somebody else has the database open, so its log stays when the writer closes it.
  auto holder = database::SqliteConnection::open(path, database::SqliteAccess::read_write, 1s);
  REQUIRE(holder->ask("SELECT count(*) FROM claim"));
  HistoryWriter writer(found, [&](const HistoryWriter::Progress& progress) {
    const std::lock_guard lock(mutex);
    if (!progress.trouble.empty()) ++failures;
    changed.notify_one();
  });
  {
    auto lock = database::SqliteTransaction::begin(*holder);
    REQUIRE(lock);
    static_cast<void>(writer.submit({claim(1)}, kNow, true));
    std::unique_lock wait(mutex);
    REQUIRE(changed.wait_for(wait, 60s, [&] { return failures > 0; }));
    std::filesystem::rename(other, path);
  }
  {
    std::unique_lock wait(mutex);
    REQUIRE(changed.wait_for(wait, 60s, [&] { return failures > 1; }));
  }
  CHECK(writer.has_ended_within(60s));
  auto file = report::HistoryFile::open(path, report::Durability::normal);
  REQUIRE(file);
  CHECK(file->open_runs()->size() == 2);
}

TEST_CASE("a writer that can write nothing ends all the same, and says why") {
  FoundHistory found = find_history({"/no/such/place/history.db"});
  CHECK_FALSE(found.file.has_value());
  CHECK(found.trouble.find("/no/such/place/history.db") != std::string::npos);
  Told told;
  HistoryWriter writer(found, [&](HistoryWriter::Progress progress) {
    const std::lock_guard lock(told.mutex);
    told.progress.push_back(std::move(progress));
  });
  static_cast<void>(writer.submit({claim(1)}, kNow, false));
  CHECK(writer.has_ended_within(60s));
  const std::lock_guard lock(told.mutex);
  REQUIRE_FALSE(told.progress.empty());
  CHECK(told.progress.back().done == 0);
  CHECK(told.progress.back().trouble == found.trouble);
}
