// Writing before acting: what waits for its record, what does not, and what happens when the disk fails. The history is
// a real file; every wait is for something that happens.

#include "daemon/write_ahead.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/history_limits.h"
#include "database/sqlite.h"
#include "tests/support/temporary_directory.h"

using namespace taskrun;
using namespace taskrun::daemon;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = WallTime(std::chrono::hours(500'000));
constexpr auto kPatience = 60s;  // a test that waits so long has failed

RunRef run(std::uint8_t number, int attempt = 1) {
  static const auto spec =
      std::make_shared<TaskSpec>(TaskSpec{"a", ShellText{"x"}, OnRequest{}, std::make_shared<TaskPolicy>()});
  return {{spec, 1}, {{number}}, attempt, Trigger::schedule, kNow + std::chrono::seconds(number)};
}

engine::Action start(std::uint8_t number, int attempt = 1) {
  return engine::StartAttempt{AttemptId{number}, run(number, attempt)};
}
engine::Action emit(Fact fact) { return engine::Emit{{kNow, std::move(fact)}}; }
engine::Action finish(std::uint8_t number) { return emit(RunFinished{run(number), kNow}); }
engine::Action withdraw(std::uint8_t number) { return engine::WithdrawAttempt{AttemptId{number}}; }
engine::Action kill(std::uint8_t number) { return engine::KillAttempt{AttemptId{number}}; }

// A runner that writes down what it is told to do: "start 1", "kill 1", "put off 1", "run_finished", "refuse 1".
class Story {
 public:
  explicit Story(const std::string& path) : path_(path) {
    auto found = find_history({path});
    ahead_.open(found);
  }

  void take(engine::Action action) { ahead_.take(std::move(action)); }
  void commit() { ahead_.commit(); }
  /// An answer of the engine.
  void decide(std::vector<engine::Action> actions) {
    for (engine::Action& action : actions) take(std::move(action));
    commit();
  }
  void run_until(const std::string& last) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while ((diary.empty() || diary.back() != last) && std::chrono::steady_clock::now() < until) {
      loop_.restart();
      loop_.run_one_for(kPatience);
    }
    REQUIRE_FALSE(diary.empty());
    REQUIRE(diary.back() == last);
  }
  [[nodiscard]] std::size_t open_runs() const {
    return report::HistoryFile::open(path_, report::Durability::normal)->open_runs()->size();
  }

  std::vector<std::string> diary;
  std::string trouble;
  std::size_t dropped = 0;

 private:
  void carry_out(const engine::Action& action) {
    if (const auto* started = std::get_if<engine::StartAttempt>(&action)) {
      diary.push_back("start " + std::to_string(static_cast<int>(started->attempt)));
    } else if (const auto* killed = std::get_if<engine::KillAttempt>(&action)) {
      diary.push_back("kill " + std::to_string(static_cast<int>(killed->attempt)));
    } else if (const auto* told = std::get_if<engine::Emit>(&action)) {
      diary.emplace_back(event_name(told->event.fact));
      if (const auto* degraded = std::get_if<HistoryDegraded>(&told->event.fact)) trouble = degraded->error;
    }
  }

  std::string path_;
  boost::asio::io_context loop_;
  WriteAhead ahead_{
      loop_,
      {[this](const engine::Action& action) { carry_out(action); }, [](const std::function<void()>& work) { work(); },
       [this](AttemptId attempt) { diary.push_back("refuse " + std::to_string(static_cast<int>(attempt))); },
       [this](const report::OpenRun& dead) { diary.push_back("died " + dead.task); },
       [this](const std::string& task, const DueMark&) { diary.push_back("mark of " + task); },
       [this](const Event&) { ++dropped; },
       [this](const RunFinished& finished) { diary.push_back("put off " + std::to_string(finished.run.id.bytes[0])); },
       [this](AttemptId attempt) { diary.push_back("withdraw " + std::to_string(static_cast<int>(attempt))); }}};
};

using Diary = std::vector<std::string>;

}  // namespace

TEST_CASE("a start waits for its claim, and is there to be found once it happens") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.decide({start(1)});
  CHECK(story.diary.empty());
  story.run_until("start 1");
  CHECK(story.open_runs() == 1);
}

TEST_CASE("the end of a run is told once it is written, and what comes after it stays after it") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.decide({start(1)});
  story.run_until("start 1");
  story.decide({finish(1), emit(TaskRemoved{run(1).task})});
  CHECK(story.diary == Diary{"start 1", "put off 1"});
  story.run_until("task_removed");
  CHECK(story.diary == Diary{"start 1", "put off 1", "run_finished", "task_removed"});
  CHECK(story.open_runs() == 0);
}

TEST_CASE("ending a process waits for nothing, and one that has not started never starts") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.decide({start(1)});
  story.run_until("start 1");
  const auto sent = [](std::uint8_t number) { return emit(KillSent{run(number), {}, "stop", 15, KilledBy::cancel}); };
  story.decide({start(2), kill(1), kill(2), sent(2), start(3), sent(1)});
  CHECK(story.diary == Diary{"start 1", "kill 1"});
  story.run_until("kill_sent");
  CHECK(story.diary == Diary{"start 1", "kill 1", "withdraw 2", "start 3", "kill_sent"});
  story.decide({emit(RunFinished{run(2), kNow})});
  story.run_until("run_finished");
  CHECK(story.open_runs() == 2);
}

TEST_CASE("a start is withdrawn where it waits, and nowhere else") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.decide({start(1)});
  story.run_until("start 1");
  story.decide({start(2), withdraw(1), withdraw(2), start(3)});
  story.run_until("start 3");
  CHECK(story.diary == Diary{"start 1", "withdraw 2", "start 3"});
  story.decide({emit(RunSkipped{run(2), SkipReason::stopping, 1, {}})});
  story.run_until("run_skipped");
  CHECK(story.open_runs() == 2);
}

TEST_CASE("the claim of a start that was withdrawn is in no later file") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  Story story(path);
  story.decide({start(1), withdraw(1)});
  story.run_until("withdraw 1");
  story.decide({emit(RunSkipped{run(1), SkipReason::stopping, 1, {}})});
  story.run_until("run_skipped");
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  story.decide({start(2)});
  story.run_until("start 2");
  story.run_until("history_restored");
  CHECK(story.open_runs() == 1);
}

TEST_CASE("what needs no record and follows none is carried out at once") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.decide({engine::Remember{"a", DueMark{kNow, {}}}, emit(TaskAdded{run(1).task, {}}), start(1, 2)});
  CHECK(story.diary == Diary{"task_added", "start 1"});
}

TEST_CASE("a due time that was answered before is not answered again, whoever asks") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.decide({start(1)});
  story.run_until("start 1");
  RunRef again = run(2);
  again.scheduled_at = run(1).scheduled_at;
  story.decide({engine::StartAttempt{AttemptId{2}, again}});
  story.run_until("refuse 2");
  story.decide({emit(RunFinished{again, kNow})});
  story.run_until("run_finished");
  CHECK(story.open_runs() == 1);
}

TEST_CASE("a history that cannot be opened is told first, and held against nobody; once it can be, all is written") {
  const TemporaryDirectory directory;
  const std::string place = directory.path() + "/later";
  Story story(place + "/history.db");
  CHECK(story.diary == Diary{"history_degraded"});
  CHECK(story.trouble.find(place) != std::string::npos);
  story.decide({start(1), start(2), finish(1)});
  CHECK(story.diary == Diary{"history_degraded", "start 1", "start 2", "run_finished"});
  std::filesystem::create_directory(place);
  story.run_until("history_restored");
  CHECK(story.open_runs() == 1);
}

TEST_CASE("a disk that does not answer is not waited for, and told once") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  Story story(path);
  auto other = database::SqliteConnection::open(path, database::SqliteAccess::read_write, kPatience);
  REQUIRE(other);
  {
    const auto lock = database::SqliteTransaction::begin(*other);
    REQUIRE(lock);
    story.decide({start(1)});
    story.run_until("start 1");
    CHECK(story.diary == Diary{"history_degraded", "start 1"});
    story.decide({finish(1), start(2)});
  }
  story.run_until("history_restored");
  CHECK(story.diary == Diary{"history_degraded", "start 1", "run_finished", "start 2", "history_restored"});
  CHECK(story.open_runs() == 1);
}

TEST_CASE("a file that is taken away is followed by a new one, which knows what runs and what was due") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  Story story(path);
  story.decide({engine::Remember{"a", DueMark{kNow, {}}}, start(1)});
  story.run_until("start 1");
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  story.decide({start(2)});
  story.run_until("history_restored");
  CHECK(story.trouble.find("was removed or replaced") != std::string::npos);
  CHECK(story.open_runs() == 2);
  auto file = report::HistoryFile::open(path, report::Durability::normal);
  CHECK(file->due_marks()->at("a").answered == kNow);
}

TEST_CASE("a damaged file is set aside with its date, and the runner goes on with a new one") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  std::ofstream(path) << std::string(8192, 'x');
  Story story(path);
  CHECK(story.diary == Diary{"history_degraded"});
  CHECK(story.trouble.find("it was set aside as '" + path) != std::string::npos);
  story.run_until("history_restored");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    if (entry.is_regular_file() && entry.file_size() == 8192 && entry.path() != path) ++files;
  }
  CHECK(files == 1);
}

TEST_CASE("a file that is damaged behind its first page is set aside as well") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  {
    auto file = report::HistoryFile::open(path, report::Durability::normal);
    std::vector<report::HistoryRecord> marks;
    for (int i = 0; i < 2000; ++i) marks.emplace_back(report::DueTimesKept{std::to_string(i), DueMark{kNow, {}}});
    REQUIRE(file->write(marks));
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(std::filesystem::file_size(path) - 4096, '\xee');
  }
  Story story(path);
  CHECK(story.trouble.find("it was set aside as '" + path) != std::string::npos);
  story.run_until("history_restored");
  story.decide({start(1)});
  story.run_until("start 1");
  CHECK(story.open_runs() == 1);
}

TEST_CASE("what an earlier runner left in a file that could be read late is told once") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  const std::string hidden = directory.path() + "/hidden";
  {
    auto file = report::HistoryFile::open(path, report::Durability::normal);
    const std::vector<report::HistoryRecord> kept{report::RunClaimed{run(9), kNow},
                                                  report::DueTimesKept{"a", DueMark{kNow, {}}}};
    REQUIRE(file->write(kept));
  }
  std::filesystem::rename(path, hidden);
  std::filesystem::create_directory(path);
  Story story(path);
  story.decide({start(1)});
  std::filesystem::remove(path);
  std::filesystem::rename(hidden, path);
  story.run_until("history_restored");
  CHECK(story.diary == Diary{"history_degraded", "start 1", "died a", "mark of a", "history_restored"});
}

TEST_CASE("output that has to wait is left out beyond its bound") {
  const TemporaryDirectory directory;
  Story story(directory.path() + "/history.db");
  story.take(start(1));
  const std::string line(limits::kHeldOutput.count / 4, 'x');
  for (int i = 0; i < 6; ++i) story.take(emit(RunOutput{run(9), false, line, false}));
  CHECK(story.dropped == 3);
  story.commit();
  story.run_until("run_output");
  CHECK(story.diary == Diary{"start 1", "run_output", "run_output", "run_output"});
  story.take(start(2));
  for (int i = 0; i < 3; ++i) story.take(emit(RunOutput{run(9), false, line, false}));
  CHECK(story.dropped == 3);
}
