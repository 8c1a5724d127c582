// The history as its writer sees it: what is on disk after each record, what is refused, and what is not touched.

#include "report/history_file.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "report/history_schema.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/report/history_samples.h"

using namespace taskrun;
using namespace taskrun::report;

namespace {

/// A history in a directory of its own, which may be closed and opened again.
class Story {
 public:
  Story() { reopen(); }

  void reopen(Durability durability = Durability::normal) {
    file_.reset();
    auto opened = HistoryFile::open(path(), durability);
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().error.message));
    file_.emplace(std::move(*opened));
  }

  /// The runs that were refused.
  std::vector<RunId> write(std::vector<HistoryRecord> batch) {
    const auto written = file_->write(batch);
    REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().error.message));
    return written->refused;
  }

  [[nodiscard]] std::vector<OpenRun> open_runs() { return file_->open_runs().value(); }
  [[nodiscard]] std::string path() const { return directory_.file(kHistoryName); }
  HistoryFile& file() { return *file_; }
  void close() { file_.reset(); }

  /// What a question to SQLite answers, by a connection of its own.
  [[nodiscard]] std::int64_t ask(const std::string& sql) const {
    auto connection = database::SqliteConnection::open(path(), database::SqliteAccess::read_write, 1s);
    REQUIRE(connection.has_value());
    const auto answer = connection->ask(sql);
    REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
    return *answer;
  }
  void execute(const std::string& sql) const {
    auto connection = database::SqliteConnection::open(path(), database::SqliteAccess::read_write, 1s);
    REQUIRE(connection->execute(sql).has_value());
  }

 private:
  TemporaryDirectory directory_;
  std::optional<HistoryFile> file_;
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE_MESSAGE(::stat(path.c_str(), &status) == 0, path);
  return status.st_mode & 0777;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

}  // namespace

TEST_CASE("a run is open from its claim to its final attempt, also for the next runner") {
  Story story;
  const RunRef run = run_of("a", 1);
  CHECK(story.write({claimed(run)}).empty());
  story.reopen(Durability::full);
  const auto open = story.open_runs();
  REQUIRE(open.size() == 1);
  CHECK(open[0].task == "a");
  CHECK(open[0].id == run.id);
  CHECK(open[0].attempt == 1);
  CHECK(open[0].trigger == Trigger::schedule);
  CHECK(open[0].scheduled_at == run.scheduled_at);
  CHECK(open[0].claimed_at == run.scheduled_at + 1ms);
  story.write({ended(run)});
  CHECK(story.open_runs().empty());
  CHECK(story.ask("SELECT count(*) FROM entry WHERE kind = 0 AND answers = 1") == 1);
}

TEST_CASE("each attempt is recorded, and the run is open until the final one") {
  Story story;
  RunRef run = run_of("a", 1, Trigger::catch_up);
  RunFinished first = ended(run, Outcome::failure);
  first.is_final = false;
  first.retry_in = 5s;
  story.write({claimed(run), first});
  REQUIRE(story.open_runs().size() == 1);
  CHECK(story.open_runs()[0].attempt == 2);
  CHECK(story.open_runs()[0].trigger == Trigger::retry);
  run.attempt = 2;
  run.trigger = Trigger::retry;
  story.write({ended(run)});
  CHECK(story.open_runs().empty());
  CHECK(story.ask("SELECT count(*) FROM entry") == 2);
  CHECK(story.ask("SELECT retry_in FROM entry WHERE attempt = 1") == 5'000'000'000);
  CHECK(story.ask("SELECT trigger FROM entry WHERE attempt = 2") == number_of(kTriggerNumbers, Trigger::catch_up));
  CHECK(story.write({claimed(run_of("a", 1, Trigger::catch_up, 7))}).size() == 1);
}

TEST_CASE("a due time that has a run, open or ended, is refused, and the rest of the batch stands") {
  for (const Trigger trigger : {Trigger::schedule, Trigger::catch_up, Trigger::queue}) {
    Story story;
    const RunRef ended_run = run_of("a", 1), open_run = run_of("a", 2);
    story.write({claimed(ended_run), ended(ended_run), claimed(open_run)});
    const RunRef again = run_of("a", 1, trigger, 1), also = run_of("a", 2, trigger, 1), other = run_of("b", 1);
    const auto refused = story.write({claimed(again), claimed(also), claimed(other), claimed(run_of("a", 3))});
    CHECK(refused == std::vector<RunId>{again.id, also.id});
    CHECK(story.open_runs().size() == 3);
  }
}

TEST_CASE("a due time is refused by the next runner, too, and twice in one batch") {
  Story story;
  story.write({claimed(run_of("a", 1)), ended(run_of("a", 1))});
  story.reopen();
  const RunRef twice = run_of("a", 2, Trigger::schedule, 1);
  CHECK(story.write({claimed(run_of("a", 1, Trigger::schedule, 1))}).size() == 1);
  CHECK(story.write({claimed(run_of("a", 2)), claimed(twice)}) == std::vector<RunId>{twice.id});
}

TEST_CASE("what answers no due time of the schedule is never refused") {
  Story story;
  for (const Trigger trigger : {Trigger::manual, Trigger::start}) {
    for (int who = 0; who < 3; ++who) {
      const RunRef run = run_of("a", 1, trigger, who + 10 * static_cast<int>(trigger));
      CHECK(story.write({claimed(run)}).empty());
      story.write({ended(run)});
    }
  }
  CHECK(story.ask("SELECT count(*) FROM entry") == 6);
}

TEST_CASE("a batch that is written again changes nothing") {
  Story story;
  const RunRef run = run_of("a", 1), open = run_of("a", 2);
  const std::vector<HistoryRecord> batch{claimed(run),
                                         ended(run),
                                         claimed(open),
                                         skipped(run_of("b", 1)),
                                         RecordsLost{kNoon, kNoon + 1s, 5},
                                         DueTimesKept{"a", DueMark{kNoon, {kNoon - 1s}}}};
  CHECK(story.write(batch).empty());
  CHECK(story.write(batch).empty());
  CHECK(story.ask("SELECT count(*) FROM entry") == 3);
  CHECK(story.open_runs().size() == 1);
}

TEST_CASE("a run that could not be claimed is recorded, also where its due time had another") {
  Story story;
  story.write({ended(run_of("a", 1)), ended(run_of("a", 1, Trigger::schedule, 1))});
  CHECK(story.ask("SELECT count(*) FROM entry WHERE task IS NOT NULL") == 2);
  CHECK(story.ask("SELECT count(*) FROM entry WHERE answers = 1") == 1);
}

TEST_CASE("all that an attempt reports is in its row, and its output beside it") {
  Story story;
  RunFinished finished = ended(run_of("a", 1), Outcome::timeout, 1234567us);
  finished.killed_by = KilledBy::timeout;
  finished.report = signalled(9, true);
  finished.report.leftovers_killed = 3;
  finished.report.stdout_tail = std::string("a\0\xff", 3);
  finished.report.stderr_tail = "oh";
  finished.report.result = R"({"n":1})";
  finished.report.output_bytes = 100;
  finished.report.truncated_bytes = 95;
  finished.report.output_complete = false;
  finished.error = "what is wrong";
  story.write({finished, ended(run_of("a", 2))});
  CHECK(story.ask("SELECT count(*) FROM entry WHERE kind = 2 AND killed_by = 0 AND signal = 9 AND exit_code IS NULL"
                  " AND flags = 3 AND leftovers_killed = 3 AND output_bytes = 100 AND truncated_bytes = 95"
                  " AND duration = 1234567000 AND cpu_user_us = 1500 AND cpu_system_us = 2000 AND pid = 4711"
                  " AND max_rss_kib = 3000 AND error = 'what is wrong'") == 1);
  CHECK(story.ask("SELECT count(*) FROM output") == 1);
  CHECK(story.ask(R"(SELECT count(*) FROM output WHERE stdout = x'6100ff' AND stderr = x'6f68'
                  AND result = '{"n":1}')") == 1);
}

TEST_CASE("a skipped due time has its reason and its count") {
  Story story;
  story.write({skipped(run_of("a", 1), SkipReason::missed, 1'000'000)});
  CHECK(story.ask("SELECT count FROM entry WHERE kind = 5 AND reason = 3") == 1'000'000);
  CHECK(story.write({claimed(run_of("a", 1, Trigger::catch_up, 1))}).empty());
}

TEST_CASE("the marks of due times are replaced, forgotten, and there for the next runner to the nanosecond") {
  Story story;
  const DueMark mark{kNoon + Nanos(7), {kNoon - 2h, kNoon - 1h}};
  story.write({DueTimesKept{"a", DueMark{kNoon - 9h, {}}}, DueTimesKept{"b", DueMark{kNoon, {}}}});
  story.write({DueTimesKept{"a", mark}, DueTimesKept{"b", std::nullopt}, DueTimesKept{"c", std::nullopt}});
  story.reopen();
  CHECK(story.file().due_marks().value() == DueMarks{{"a", mark}});
}

TEST_CASE("a task whose mark is forgotten, and of which nothing else is known, is known no longer") {
  Story story;
  story.write({claimed(run_of("ran", 1)), ended(run_of("ran", 1))});
  story.write({DueTimesKept{"ran", DueMark{kNoon, {}}}, DueTimesKept{"idle", DueMark{kNoon, {}}}});
  story.write({DueTimesKept{"ran", std::nullopt}, DueTimesKept{"idle", std::nullopt}});
  story.write({DueTimesKept{"never", std::nullopt}});
  CHECK(story.ask("SELECT count(*) FROM task") == 1);
  CHECK(story.ask("SELECT count(*) FROM task WHERE name = 'ran'") == 1);
  story.write({DueTimesKept{"idle", DueMark{kNoon, {}}}});
  CHECK(story.ask("SELECT count(*) FROM due_mark JOIN task ON id = task WHERE name = 'idle'") == 1);
}

TEST_CASE("even an empty batch is a write") {
  Story story;
  auto holder = database::SqliteConnection::open(story.path(), database::SqliteAccess::read_write, 1s);
  const auto lock = database::SqliteTransaction::begin(*holder);
  REQUIRE(lock);
  CHECK_FALSE(story.file().write({}).has_value());
}

TEST_CASE("space that a file does not give back is asked for once") {
  Story story;
  story.close();
  story.execute("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA journal_mode = WAL");
  std::vector<HistoryRecord> batch;
  for (int second = 0; second < 200; ++second) {
    RunFinished run = ended(run_of("a", second));
    run.report.stdout_tail = std::string(50'000, 'x');
    batch.emplace_back(run);
  }
  story.reopen();
  story.write(batch);
  int steps = 0;
  while (story.file().prune({.keep_runs = 1}, kNoon).value() && steps < 100) ++steps;
  CHECK(story.ask("PRAGMA freelist_count") > 1000);
  CHECK(steps < 100);
}

TEST_CASE("only its owner may read the history, whatever the umask") {
  const mode_t before = ::umask(0);
  {
    Story story;
    story.write({claimed(run_of("a", 1))});
    for (const char* end : {"", "-wal", "-shm"}) CHECK(mode_of(story.path() + end) == 0600);
    story.close();
    std::filesystem::permissions(story.path(), std::filesystem::perms(0644));
    story.reopen();
    CHECK(mode_of(story.path()) == 0600);
  }
  ::umask(before);
}

TEST_CASE("nothing of a command, its arguments or its variables is on disk") {
  Story story;
  const RunRef run = run_of("a", 1);
  story.write({claimed(run), ended(run), skipped(run_of("a", 2))});
  CHECK(text_of(story.path() + "-wal").find("secret-command") == std::string::npos);
  story.close();
  CHECK(text_of(story.path()).find("billing") == std::string::npos);
  CHECK(text_of(story.path()).find("secret-command") == std::string::npos);
}

TEST_CASE("a history of a newer taskrun is refused, and not a byte of it changes") {
  Story story;
  story.close();
  story.execute("PRAGMA user_version = 99");
  const std::string before = text_of(story.path());
  const auto opened = HistoryFile::open(story.path(), Durability::normal);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == HistoryTrouble::Kind::newer);
  CHECK(opened.error().error.message.find("newer taskrun") != std::string::npos);
  CHECK(text_of(story.path()) == before);
}

TEST_CASE("a history of an older taskrun is brought up to date, with all that is in it") {
  for (std::size_t version = 1; version < history_migrations().size(); ++version) {
    const TemporaryDirectory directory;
    const std::string path = directory.file(kHistoryName);
    {
      auto old = database::SqliteConnection::open(path, database::SqliteAccess::create, 1s);
      for (const char* step : history_migrations().first(version)) REQUIRE(old->execute(step).has_value());
      REQUIRE(old->execute("PRAGMA application_id = " + std::to_string(kHistoryMark) +
                           "; PRAGMA user_version = " + std::to_string(version) +
                           "; INSERT INTO task VALUES (1, 'a')"
                           "; INSERT INTO claim VALUES (1, x'0102030405060708090a0b0c0d0e0f10', 1, 5, 1, 0, 1, 6)")
                  .has_value());
    }
    auto file = HistoryFile::open(path, Durability::normal);
    REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().error.message));
    CHECK(file->open_runs()->at(0).task == "a");
    auto connection = database::SqliteConnection::open(path, database::SqliteAccess::read_write, 1s);
    CHECK(connection->ask("PRAGMA user_version").value() == static_cast<std::int64_t>(history_migrations().size()));
  }
}

TEST_CASE("other programs find the runs in words") {
  Story story;
  const RunRef run = run_of("a", 1);
  story.write({claimed(run), ended(run, Outcome::timeout), skipped(run_of("a", 2)), RecordsLost{kNoon, kNoon, 1}});
  CHECK(story.ask("SELECT count(*) FROM run") == 1);
  CHECK(story.ask("SELECT count(*) FROM run WHERE task = 'a' AND outcome = 'timeout' AND run_id = '" + run.id.text() +
                  "' AND started_at = '2026-02-03T12:00:01.002Z' AND duration_ms = 1000") == 1);
}

TEST_CASE("what is no history is told apart, and left alone") {
  const TemporaryDirectory directory;
  const std::string path = directory.file(kHistoryName);
  const auto kind = [&] {
    const auto opened = HistoryFile::open(path, Durability::normal);
    REQUIRE_FALSE(opened.has_value());
    return opened.error().kind;
  };
  write_text(path, std::string(5000, 'x'));
  CHECK(kind() == HistoryTrouble::Kind::corrupt);
  CHECK(text_of(path) == std::string(5000, 'x'));
  std::filesystem::remove(path);
  auto other = database::SqliteConnection::open(path, database::SqliteAccess::create, 1s);
  REQUIRE(other->execute("CREATE TABLE other (a)").has_value());
  CHECK(kind() == HistoryTrouble::Kind::corrupt);
  CHECK(other->ask("SELECT count(*) FROM sqlite_schema") == 1);
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  CHECK(kind() == HistoryTrouble::Kind::other);
}

TEST_CASE("a file of zeros in the middle is found damaged where it is used") {
  Story story;
  std::vector<HistoryRecord> batch;
  for (int second = 0; second < 1000; ++second) batch.emplace_back(ended(run_of("a", second)));
  story.write(batch);
  story.close();
  std::string text = text_of(story.path());
  text.replace(4096, text.size() - 4096, text.size() - 4096, '\1');
  write_text(story.path(), text);
  auto opened = HistoryFile::open(story.path(), Durability::normal);
  const auto written = opened ? opened->write(batch) : tl::unexpected(opened.error());
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().kind == HistoryTrouble::Kind::corrupt);
}

TEST_CASE("a history that was removed or replaced is noticed") {
  Story story;
  CHECK(identity_of(story.path()) == story.file().identity());
  std::filesystem::rename(story.path(), story.path() + ".old");
  CHECK_FALSE(identity_of(story.path()).has_value());
  write_text(story.path(), "another");
  CHECK(identity_of(story.path()) != story.file().identity());
}

TEST_CASE("what is set aside keeps its text, and replaces nothing that was set aside before") {
  const TemporaryDirectory directory;
  const std::string path = directory.file(kHistoryName);
  std::vector<std::string> names;
  for (const char* text : {"one", "two", "three"}) {
    write_text(path, text);
    write_text(path + "-wal", std::string(text) + " log");
    const auto name = set_aside(path, kNoon);
    REQUIRE(name.has_value());
    CHECK(text_of(*name) == text);
    CHECK(text_of(*name + "-wal") == std::string(text) + " log");
    names.push_back(*name);
  }
  CHECK(names[0] == path + ".2026-02-03T12:00:00.000004Z.broken");
  CHECK(names[1] == names[0] + ".2");
  CHECK(text_of(names[0]) == "one");
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST_CASE("the oldest goes first, in small steps, and what is kept by number stays") {
  Story story;
  std::vector<HistoryRecord> batch;
  for (int second = 0; second < 3000; ++second) batch.emplace_back(ended(run_of("a", second)));
  batch.emplace_back(RecordsLost{kNoon, kNoon + 1s, 5});
  story.write(batch);
  const Retention retention{.keep = 365 * 24h, .keep_runs = 100};
  int steps = 0;
  while (story.file().prune(retention, kNoon + 1h).value()) ++steps;
  CHECK(steps >= 5);
  CHECK(story.ask("SELECT count(*) FROM entry") == 100);
  CHECK(story.ask("SELECT max(number) - min(number) FROM entry") == 99);
  CHECK_FALSE(story.file().prune(retention, kNoon + 1h).value());
}

TEST_CASE("what is kept goes in portions, not one row for each that comes") {
  Story story;
  const Retention retention{.keep = 365 * 24h, .keep_runs = 100};
  std::vector<HistoryRecord> batch;
  for (int second = 0; second < 110; ++second) batch.emplace_back(ended(run_of("a", second)));
  story.write(batch);
  CHECK_FALSE(story.file().prune(retention, kNoon + 1h).value());
  CHECK(story.ask("SELECT count(*) FROM entry") == 110);
  story.write({ended(run_of("a", 110))});
  CHECK_FALSE(story.file().prune(retention, kNoon + 1h).value());
  CHECK(story.ask("SELECT count(*) FROM entry") == 100);
}

TEST_CASE("what is too old goes, with its output and the names of tasks that are no more, but for open runs") {
  Story story;
  RunFinished old = ended(run_of("old", 1));
  old.report.stdout_tail = "text";
  story.write({claimed(run_of("open", 0)), old, skipped(run_of("old", 2)), RecordsLost{kNoon, kNoon + 3s, 5},
               DueTimesKept{"kept", DueMark{kNoon, {}}}, ended(run_of("young", 3600))});
  CHECK_FALSE(story.file().prune({.keep = 30min}, kNoon + 1h).value());
  CHECK(story.ask("SELECT count(*) FROM entry") == 1);
  CHECK(story.ask("SELECT count(*) FROM output") == 0);
  CHECK(story.ask("SELECT count(*) FROM task WHERE name IN ('open', 'kept', 'young')") == 3);
  CHECK(story.ask("SELECT count(*) FROM task") == 3);
  CHECK(story.open_runs().size() == 1);
  story.write({claimed(run_of("old", 4))});
  CHECK(story.open_runs().size() == 2);
}

TEST_CASE("a file that is too large becomes smaller, and no smaller than it must") {
  Story story;
  for (int second = 0; second < 60; ++second) {
    RunFinished large = ended(run_of("a", second));
    large.report.stdout_tail.assign(500'000, 'x');
    story.write({large});
  }
  const Retention retention{.bytes = mebibytes(10)};
  while (story.file().prune(retention, kNoon + 1h).value()) continue;
  story.close();
  CHECK(std::filesystem::file_size(story.path()) <= mebibytes(12).count);
  CHECK(story.ask("SELECT count(*) FROM entry") >= 15);
}
