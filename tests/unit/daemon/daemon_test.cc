// The daemon with a fake behind the door to processes: what it tells on stdout and how it exits.

#include "daemon/daemon.h"

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "sys/file.h"
#include "tests/support/temporary_directory.h"

using namespace taskrun;
using nlohmann::json;

namespace {

// What was there of the history when each process was started: "a: 1 open, due 12:00" would be too much, so how many
// runs were claimed and how many marks were kept.
struct Diary {
  std::string history;  // the file; "" for none
  std::vector<std::string> starts;
  std::size_t last = 0;  // the runner is told to stop once so many have ended; 0: it is not
};

// Processes that end by themselves at once, as the test has decided by name.
class FakeRunner : public process::Runner {
 public:
  using Ends = std::map<std::string, AttemptReport>;

  FakeRunner(boost::asio::io_context& loop, process::Listener& listener, Ends ends, Diary* diary)
      : loop_(loop), listener_(listener), ends_(std::move(ends)), diary_(diary) {}

  tl::expected<pid_t, StartFailure> start(AttemptId attempt, const process::Launch& launch) override {
    if (diary_ != nullptr) note(launch.argv.back());
    const AttemptReport& end = ends_.at(launch.argv.back());
    if (end.start_failure) return tl::unexpected(*end.start_failure);
    boost::asio::post(loop_, [this, attempt, end] {
      listener_.on_line(attempt, process::Stream::out, "hello", false);
      listener_.on_ended(attempt, end);
      if (diary_ != nullptr && ++ended_ == diary_->last) std::raise(SIGTERM);
    });
    return 4711;
  }
  void stop(AttemptId, int) override {}
  void kill(AttemptId) override {}
  void reap() override {}

 private:
  void note(const std::string& name) {
    std::string found = "no history";
    if (auto file = report::HistoryFile::open(diary_->history, report::Durability::normal)) {
      found = std::to_string(file->open_runs()->size()) + " claimed, " + std::to_string(file->due_marks()->size()) +
              " due times kept";
    }
    diary_->starts.push_back(name + ": " + found);
  }

  boost::asio::io_context& loop_;
  process::Listener& listener_;
  Ends ends_;
  Diary* diary_;
  std::size_t ended_ = 0;
};

AttemptReport exit_with(int code) {
  AttemptReport report;
  report.pid = 4711;
  report.exit.exit_code = code;
  return report;
}

struct Told {
  int exit_code;
  std::vector<json> lines;

  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const json& line : lines) names.push_back(line.at("event"));
    return names;
  }
  [[nodiscard]] json only(const std::string& event) const {
    json found;
    for (const json& line : lines) {
      if (line.at("event") == event) {
        CHECK(found.is_null());
        found = line;
      }
    }
    return found;
  }
};

// Runs a daemon to its end; `history` is its file, "" for none.
Told run(const daemon::Options& options, const FakeRunner::Ends& ends, const std::string& history = "",
         Diary* diary = nullptr) {
  const sys::Fd out(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(out);
  daemon::Doors doors{
      *report::JsonLines::open(out.get(), "test", report::EventFilter::all),
      *report::ChunkWriter::open(STDERR_FILENO),
      *sys::SignalReader::make({SIGTERM}),
      *sys::BootTimer::make(),
      *sys::WallTimer::make(),
      history.empty() ? daemon::FoundHistory() : daemon::find_history({history}),
      [&](boost::asio::io_context& loop, process::Listener& listener) -> Result<std::unique_ptr<process::Runner>> {
        return std::make_unique<FakeRunner>(loop, listener, ends, diary);
      },
      "fake"};
  Told told{*daemon::Daemon(options, std::move(doors)).run(sys::Fd()), {}};
  ::lseek(out.get(), 0, SEEK_SET);
  const std::string text = *sys::read_all(out.get(), mebibytes(1));
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    REQUIRE(end != std::string::npos);
    told.lines.push_back(json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return told;
}

Told run_once(
    const FakeRunner::Ends& ends, const std::function<void(TaskPolicy&)>& shape = [](TaskPolicy&) {},
    const std::string& result_file = "") {
  daemon::Options options;
  options.once = true;
  options.result_file = result_file;
  for (const auto& [name, end] : ends) {
    TaskPolicy policy;
    policy.run_at_start = true;  // `once` runs it once all the same
    shape(policy);
    options.manifest.tasks.push_back(std::make_shared<TaskSpec>(
        TaskSpec{name, ShellText{name}, Every{std::chrono::hours(1)}, std::make_shared<TaskPolicy>(policy)}));
  }
  return run(options, ends);
}

constexpr WallTime kNoon = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 2 / 3)) + std::chrono::hours(12);

// A start of tasks that were due at noon and an hour later, while no runner was there.
Told start_late(const std::vector<std::string>& names, Diary& diary) {
  daemon::Options options;
  diary.last = names.size();
  FakeRunner::Ends ends;
  std::vector<report::HistoryRecord> before;
  for (const std::string& name : names) {
    auto policy = std::make_shared<TaskPolicy>();
    policy->catch_up = CatchUp::latest;
    const At times({kNoon, kNoon + std::chrono::hours(1)});
    options.manifest.tasks.push_back(std::make_shared<TaskSpec>(TaskSpec{name, ShellText{name}, times, policy}));
    before.emplace_back(report::DueTimesKept{name, DueMark{kNoon - std::chrono::hours(1), {}}});
    ends[name] = exit_with(0);
  }
  if (auto file = report::HistoryFile::open(diary.history, report::Durability::normal)) CHECK(file->write(before));
  return run(options, ends, diary.history, &diary);
}

}  // namespace

TEST_CASE("once runs a task, tells the whole story and exits with the task's code") {
  const Told told = run_once({{"a", exit_with(7)}});
  CHECK(told.exit_code == 7);
  CHECK(told.events() == std::vector<std::string>{"runner_started", "task_added", "run_started", "run_finished",
                                                  "runner_stopping", "runner_stopped"});
  CHECK(told.only("run_finished").at("exit_code") == 7);
  CHECK(told.only("run_finished").at("trigger") == "manual");
  CHECK(told.only("runner_started").at("containment") == "fake");
}

TEST_CASE("once of several tasks succeeds where all do") {
  CHECK(run_once({{"a", exit_with(0)}, {"b", exit_with(0)}}).exit_code == 0);
  CHECK(run_once({{"a", exit_with(0)}, {"b", exit_with(7)}}).exit_code == 1);
}

TEST_CASE("a task that cannot start is a result line, and its own exit code") {
  AttemptReport report;
  report.start_failure = StartFailure{"executing 'nosuch': No such file or directory", StartFailure::Kind::not_found};
  const Told told = run_once({{"a", report}});
  CHECK(told.exit_code == 127);
  CHECK(told.only("run_finished").at("outcome") == "error");
  CHECK(told.only("run_finished").at("error") == "executing 'nosuch': No such file or directory");
}

TEST_CASE("once writes the closing lines of its runs to a file that only its owner reads") {
  char directory[] = "/tmp/taskrun-daemon-XXXXXX";
  REQUIRE(::mkdtemp(directory) != nullptr);
  const std::string path = std::string(directory) + "/results";
  AttemptReport report = exit_with(0);
  report.result = R"({"billed":3})";
  CHECK(run_once({{"a", report}, {"b", exit_with(1)}}, [](TaskPolicy&) {}, path).exit_code == 1);
  const std::string text = *sys::read_file(path, mebibytes(1));
  struct stat status{};
  CHECK(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  ::unlink(path.c_str());
  ::rmdir(directory);
  const std::size_t newline = text.find('\n');
  const json first = json::parse(text.substr(0, newline));
  CHECK(first.at("event") == "run_finished");
  CHECK(first.at("result") == json{{"billed", 3}});
  CHECK(json::parse(text.substr(newline)).at("exit_code") == 1);
}

TEST_CASE("a result file that cannot be written is never a success") {
  CHECK(run_once({{"a", exit_with(0)}}, [](TaskPolicy&) {}, "/no/such/place/results").exit_code == 74);
}

TEST_CASE("what a task wrote to fd 3 is its result where it is one JSON object") {
  AttemptReport report = exit_with(0);
  report.result = "{ \"billed\" : 3 }\n";
  CHECK(run_once({{"a", report}}).only("run_finished").at("result") == json{{"billed", 3}});
  report.result = "[1]";
  const json finished = run_once({{"a", report}}).only("run_finished");
  CHECK_FALSE(finished.contains("result"));
  CHECK(finished.at("error") != "");
  CHECK(finished.at("outcome") == "success");
}

TEST_CASE("lines become events of their run only where the task asks for them") {
  const auto lines = [](TaskPolicy& policy) { policy.output.mode = OutputMode::lines; };
  const json output = run_once({{"a", exit_with(0)}}, lines).only("run_output");
  CHECK(output.at("line") == "hello");
  CHECK(output.at("stream") == "stdout");
  CHECK(run_once({{"a", exit_with(0)}}).only("run_output").is_null());
}

TEST_CASE("due times are claimed on disk before anything starts, those of one moment together") {
  const TemporaryDirectory directory;
  Diary diary{directory.path() + "/history.db", {}, 0};
  const Told told = start_late({"a", "b"}, diary);
  CHECK(diary.starts == std::vector<std::string>{"a: 2 claimed, 2 due times kept", "b: 2 claimed, 2 due times kept"});
  CHECK(told.exit_code == 0);
  CHECK(told.only("history_degraded").is_null());
}

TEST_CASE("what passed while no runner was there is told, and the latest of it caught up") {
  const TemporaryDirectory directory;
  Diary diary{directory.path() + "/history.db", {}, 0};
  const Told told = start_late({"a"}, diary);
  CHECK(told.only("run_skipped").at("reason") == "missed");
  CHECK(told.only("run_skipped").at("scheduled_at") == "2026-02-03T12:00:00.000000Z");
  CHECK(told.only("run_finished").at("trigger") == "catch_up");
  CHECK(told.only("run_finished").at("scheduled_at") == "2026-02-03T13:00:00.000000Z");
  auto file = report::HistoryFile::open(diary.history, report::Durability::normal);
  REQUIRE(file);
  CHECK(file->open_runs()->empty());
}

TEST_CASE("a disk that fails is told once, and the schedule goes on") {
  Diary diary{"/no/such/place/history.db", {}, 0};
  daemon::Options options;
  options.run_for = std::chrono::milliseconds(1);
  auto policy = std::make_shared<TaskPolicy>();
  policy->run_at_start = true;
  options.manifest.tasks.push_back(
      std::make_shared<TaskSpec>(TaskSpec{"a", ShellText{"a"}, Every{std::chrono::hours(1)}, policy}));
  const Told told = run(options, {{"a", exit_with(0)}}, diary.history, &diary);
  CHECK(told.only("history_degraded").at("error").get<std::string>().find("/no/such/place/history.db") !=
        std::string::npos);
  CHECK(diary.starts == std::vector<std::string>{"a: no history"});
  CHECK(told.only("run_finished").at("outcome") == "success");
}

TEST_CASE("a state directory that was wanted and cannot be had is told right after the start, once") {
  daemon::Options options;
  options.run_for = Nanos(0);
  options.manifest.tasks.push_back(std::make_shared<TaskSpec>(
      TaskSpec{"a", ShellText{"a"}, Every{std::chrono::hours(1)}, std::make_shared<TaskPolicy>()}));
  CHECK(run(options, {}).only("history_degraded").is_null());
  options.state_trouble = "cannot make the directory '/x': Not a directory";
  const Told told = run(options, {});
  CHECK(told.only("history_degraded").at("error") == options.state_trouble);
  CHECK(told.events() == std::vector<std::string>{"runner_started", "history_degraded", "task_added", "runner_stopping",
                                                  "runner_stopped"});
  CHECK(told.only("runner_started").at("state").is_null());
}

TEST_CASE("a run that an earlier runner left open is ended once, as one that died with it") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  const auto spec = std::make_shared<TaskSpec>(
      TaskSpec{"gone", ShellText{"x"}, Every{std::chrono::hours(1)}, std::make_shared<TaskPolicy>()});
  const RunRef open{{spec, 7}, {{1, 2, 3}}, 1, Trigger::schedule, kNoon};
  {
    auto file = report::HistoryFile::open(path, report::Durability::normal);
    REQUIRE(file);
    const std::vector<report::HistoryRecord> claim{report::RunClaimed{open, kNoon}};
    REQUIRE(file->write(claim));
  }
  daemon::Options options;
  options.run_for = Nanos(0);
  const json died = run(options, {}, path).only("run_finished");
  CHECK(died.at("task") == "gone");
  CHECK(died.at("run_id") == open.id.text());
  CHECK(died.at("outcome") == "error");
  CHECK(died.at("error") == "runner died");
  CHECK(died.at("final") == true);
  CHECK(died.at("scheduled_at") == "2026-02-03T12:00:00.000000Z");
  CHECK(run(options, {}, path).only("run_finished").is_null());
}

TEST_CASE("a mark of a task that has no such due times any longer, or is no more, is forgotten") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/history.db";
  {
    auto file = report::HistoryFile::open(path, report::Durability::normal);
    REQUIRE(file);
    const std::vector<report::HistoryRecord> marks{report::DueTimesKept{"a", DueMark{kNoon, {}}},
                                                   report::DueTimesKept{"gone", DueMark{kNoon, {}}}};
    REQUIRE(file->write(marks));
  }
  daemon::Options options;
  options.run_for = Nanos(0);
  options.manifest.tasks.push_back(std::make_shared<TaskSpec>(
      TaskSpec{"a", ShellText{"a"}, Every{std::chrono::hours(1)}, std::make_shared<TaskPolicy>()}));
  CHECK(run(options, {}, path).exit_code == 0);
  CHECK(report::HistoryFile::open(path, report::Durability::normal)->due_marks()->empty());
}
