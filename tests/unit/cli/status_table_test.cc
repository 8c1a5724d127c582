#include "cli/status_table.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::cli;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::size_t kAll = 1'000;

TaskSeen task(const std::string& name, const std::string& state = "idle") {
  TaskSeen task;
  task.name = name;
  task.state = state;
  return task;
}

LastRunSeen ended(const std::string& outcome, Nanos ago, Nanos duration) {
  LastRunSeen run;
  run.outcome = outcome;
  run.started_at = kNow - ago - duration;
  run.duration = duration;
  return run;
}

std::vector<TaskSeen> one_of_each() {
  TaskSeen fine = task("heartbeat");
  fine.next_run_at = kNow + 2s;
  fine.last_run = ended("success", 300ms, 842us);
  TaskSeen failed = task("billing", "paused");
  failed.is_paused = true;
  failed.next_run_at = kNow + 10min;
  failed.last_run = ended("failure", 3h, 61s);
  failed.last_run->exit_code = 3;
  TaskSeen busy = task("report", "running");
  busy.runs = {{"019c", "running", kNow - 75s}};
  busy.next_run_at = kNow - 1s;
  busy.last_run = ended("error", 48h, 0s);
  busy.last_run->error = "executing 'nosuch': No such file or directory";
  TaskSeen crowded = task("scan", "running");
  crowded.runs = {{"a", "running", kNow}, {"b", "running", kNow}};
  crowded.last_run = ended("failure", 5s, 1500ms);
  crowded.last_run->signal = "SIGSEGV";
  return {fine, failed, busy, crowded, task("never", "disabled")};
}

std::size_t widest(const std::string& text) {
  std::size_t most = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto columns =
        std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    most = std::max(most, static_cast<std::size_t>(columns));
  }
  return most;
}

}  // namespace

TEST_CASE("a task is a line: its state, what comes, what was") {
  CHECK(task_table(one_of_each(), kNow, {}, kAll) ==
        "TASK       STATE               NEXT    LAST RUN\n"
        "heartbeat  idle                in 2 s  success just now, took <1 ms\n"
        "billing    paused              -       failure 3 h ago, exit 3, took 1 min 1 s\n"
        "report     running 1 min 15 s  now     error 2 d ago, executing 'nosuch': No such file or directory\n"
        "scan       running x2          -       failure 5 s ago, SIGSEGV, took 1.5 s\n"
        "never      disabled            -       -\n");
}

TEST_CASE("a state is told in words, and a run that waits is not one that runs") {
  const auto shown = [](const std::vector<std::string>& states) {
    TaskSeen seen = task("a", states.front());
    for (const std::string& state : states) seen.runs.push_back({"r", state, std::nullopt});
    if (states.front() != "waiting") seen.runs.front().started_at = kNow - 5s;
    const std::string text = task_table({seen}, kNow, {}, kAll);
    const std::string line = text.substr(text.find('\n') + 1);
    return line.substr(6, line.find("  -") - 6);
  };
  CHECK(shown({"running", "waiting"}) == "running +1 waiting");
  CHECK(shown({"running", "running", "waiting", "waiting"}) == "running x2 +2 waiting");
  CHECK(shown({"running", "running"}) == "running x2");
  CHECK(shown({"waiting", "waiting"}) == "waiting x2");
  CHECK(shown({"waiting"}) == "waiting");
  CHECK(shown({"backing_off"}) == "retry waits");
  CHECK(shown({"backing_off", "waiting"}) == "retry waits +1 waiting");
  CHECK(shown({"recording"}) == "running 5 s");
  CHECK(shown({"stopping"}) == "stopping 5 s");
}

TEST_CASE("on a terminal no line is wider than it, however long a name is") {
  auto tasks = one_of_each();
  tasks[0].name = std::string(64, 'n');
  for (const std::size_t width : {60U, 80U, 132U}) {
    CAPTURE(width);
    CHECK(widest(task_table(tasks, kNow, {.width = width}, kAll)) <= width);
  }
  CHECK(task_table(tasks, kNow, {}, kAll).find(tasks[0].name) != std::string::npos);
}

TEST_CASE("a table that may not be longer says how much it hides") {
  const std::string text = task_table(one_of_each(), kNow, {}, 4);
  CHECK(std::ranges::count(text, '\n') == 4);
  CHECK(text.ends_with("… and 3 more\n"));
  CHECK(std::ranges::count(task_table(one_of_each(), kNow, {}, 6), '\n') == 6);
  CHECK(task_table(one_of_each(), kNow, {}, 6).find("more") == std::string::npos);
}

TEST_CASE("a good end is green, a bad one red, and what does not run by itself yellow") {
  const std::string text = task_table(one_of_each(), kNow, {.has_colour = true}, kAll);
  CHECK(text.find("\x1b[32msuccess just now") != std::string::npos);
  CHECK(text.find("\x1b[31mfailure 3 h ago") != std::string::npos);
  CHECK(text.find("\x1b[33mpaused\x1b[0m") != std::string::npos);
  CHECK(task_table(one_of_each(), kNow, {}, kAll).find('\x1b') == std::string::npos);
}

TEST_CASE("the runner is one line, and only what is so is said") {
  RunnerSeen runner;
  runner.instance = "accounts";
  runner.version = "0.1.0";
  runner.pid = 4711;
  runner.started_at = kNow - 3h - 12min;
  runner.tasks = 1;
  CHECK(runner_line(runner, kNow) == "accounts: taskrun 0.1.0, pid 4711, up 3 h 12 min, 1 task\n");
  runner.tasks = 12;
  runner.running = 2;
  runner.paused = 1;
  runner.is_stopping = true;
  CHECK(runner_line(runner, kNow) ==
        "accounts: taskrun 0.1.0, pid 4711, up 3 h 12 min, 12 tasks, 2 running, 1 paused, stopping\n");
}
