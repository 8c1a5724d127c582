// The daemon with a fake behind the door to processes: what it tells on stdout and how it exits.

#include "daemon/daemon.h"

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

using namespace taskrun;
using nlohmann::json;

namespace {

// Processes that end by themselves at once, as the test has decided by name.
class FakeRunner : public process::Runner {
 public:
  using Ends = std::map<std::string, AttemptReport>;

  FakeRunner(boost::asio::io_context& loop, process::Listener& listener, Ends ends, std::string* diary)
      : loop_(loop), listener_(listener), ends_(std::move(ends)), diary_(diary) {}

  tl::expected<pid_t, StartFailure> start(AttemptId attempt, const process::Launch& launch) override {
    if (diary_ != nullptr) *diary_ += "start " + launch.argv.back() + "\n";
    const AttemptReport& end = ends_.at(launch.argv.back());
    if (end.start_failure) return tl::unexpected(*end.start_failure);
    boost::asio::post(loop_, [this, attempt, end] {
      listener_.on_line(attempt, process::Stream::out, "hello", false);
      listener_.on_ended(attempt, end);
    });
    return 4711;
  }
  void stop(AttemptId, int) override {}
  void kill(AttemptId) override {}
  void reap() override {}

 private:
  boost::asio::io_context& loop_;
  process::Listener& listener_;
  Ends ends_;
  std::string* diary_;
};

// Remembers nothing, and writes what it is told to remember into a diary.
class DiaryStore : public daemon::DueStore {
 public:
  DiaryStore(daemon::DueMarks before, std::string& diary) : before_(std::move(before)), diary_(diary) {}
  daemon::DueMarks load() override { return before_; }
  Result<void> save(const daemon::DueMarks& marks) override {
    diary_ += "save";
    for (const auto& [task, mark] : marks) diary_ += " " + task;
    diary_ += "\n";
    return fails ? Result<void>(fail("no space")) : Result<void>();
  }
  bool fails = false;

 private:
  daemon::DueMarks before_;
  std::string& diary_;
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

// Runs a daemon to its end; `store` is where it keeps due times, `diary` where its runner writes what it starts.
Told run(const daemon::Options& options, const FakeRunner::Ends& ends, std::unique_ptr<daemon::DueStore> store,
         std::string* diary = nullptr) {
  const sys::Fd out(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(out);
  daemon::Doors doors{
      *report::JsonLines::open(out.get(), "test", report::EventFilter::all),
      *report::ChunkWriter::open(STDERR_FILENO),
      *sys::SignalReader::make({SIGTERM}),
      *sys::BootTimer::make(),
      *sys::WallTimer::make(),
      daemon::DueRecord(std::move(store)),
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
  return run(options, ends, daemon::make_forgetful_store());
}

// A start of tasks that were due at two times while no runner was there.
Told start_late(std::vector<std::string> names, bool disk_fails, std::string& diary) {
  daemon::Options options;
  options.run_for = Nanos(0);
  daemon::DueMarks before;
  FakeRunner::Ends ends;
  for (const std::string& name : names) {
    auto policy = std::make_shared<TaskPolicy>();
    policy->catch_up = CatchUp::latest;
    const WallTime noon = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 2 / 3)) + std::chrono::hours(12);
    const At times({noon, noon + std::chrono::hours(1)});
    options.manifest.tasks.push_back(std::make_shared<TaskSpec>(TaskSpec{name, ShellText{name}, times, policy}));
    before[name] = {noon - std::chrono::hours(1), {}};
    ends[name] = exit_with(0);
  }
  auto store = std::make_unique<DiaryStore>(before, diary);
  store->fails = disk_fails;
  return run(options, ends, std::move(store), &diary);
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

TEST_CASE("due times are on disk before anything starts, those of one moment together") {
  std::string diary;
  const Told told = start_late({"a", "b"}, false, diary);
  CHECK(diary == "save a b\nstart a\nstart b\n");
  CHECK(told.exit_code == 0);
}

TEST_CASE("what passed while no runner was there is told, and the latest of it caught up") {
  std::string diary;
  const Told told = start_late({"a"}, false, diary);
  CHECK(told.only("run_skipped").at("reason") == "missed");
  CHECK(told.only("run_skipped").at("scheduled_at") == "2026-02-03T12:00:00.000000Z");
  CHECK(told.only("run_finished").at("trigger") == "catch_up");
  CHECK(told.only("run_finished").at("scheduled_at") == "2026-02-03T13:00:00.000000Z");
}

TEST_CASE("a disk that fails is told once, and the schedule goes on") {
  std::string diary;
  const Told told = start_late({"a", "b"}, true, diary);
  CHECK(told.only("history_degraded").at("error") == "no space");
  CHECK(diary.find("start a\nstart b\n") != std::string::npos);
}
