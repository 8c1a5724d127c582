#include "cli/run_choice.h"

#include <doctest/doctest.h>

#include "cli/exit_codes.h"

using namespace taskrun;
using namespace taskrun::cli;

namespace {

constexpr const char* kFirst = "019c2a6e-5d1f-7c3a-9b1e-2f4a6c8e0d12";
constexpr const char* kSecond = "019c2a6e-5d20-7c3a-9b1e-2f4a6c8e0d12";
constexpr const char* kThird = "019c2a6f-0000-7c3a-9b1e-2f4a6c8e0d12";

TaskSeen task(const std::string& name, const std::vector<std::string>& runs) {
  TaskSeen task;
  task.name = name;
  for (const std::string& run : runs) task.runs.push_back({run, "running", {}});
  return task;
}

const std::vector<TaskSeen> kTasks{task("one", {kFirst}), task("two", {kSecond, kThird}), task("none", {}),
                                   task("019c", {kThird})};

std::string chosen(std::string_view word) { return choose_run(kTasks, word).value_or("none"); }

Trouble trouble(std::string_view word) {
  const auto run = choose_run(kTasks, word);
  REQUIRE_FALSE(run.has_value());
  return run.error();
}

}  // namespace

TEST_CASE("a run is meant by its task, its id, or the beginning of that") {
  CHECK(chosen("one") == kFirst);
  CHECK(chosen(kSecond) == kSecond);
  CHECK(chosen("019c2a6e-5d1") == kFirst);
  CHECK(chosen("019C2A6E-5D1F") == kFirst);
}

TEST_CASE("a task's name comes before what begins an id") { CHECK(chosen("019c") == kThird); }

TEST_CASE("what several may be meant by is told with all of them") {
  CHECK(trouble("two").exit_code == kUsage);
  CHECK(trouble("two").message == std::string("'two' may be any of these runs:\n  ") + kSecond + "  two  running\n  " +
                                      kThird + "  two  running");
  CHECK(trouble("019c2a6e").exit_code == kUsage);
}

TEST_CASE("a task without a run is known, a word that nothing begins with is not") {
  CHECK(trouble("none").exit_code == kNotDone);
  CHECK(trouble("none").message == "no run of 'none' is alive");
  CHECK(trouble("ffff").exit_code == kNotDone);
  CHECK(trouble("fff").exit_code == kWrongManifest);
  CHECK(trouble("nope\x1b").message == "there is no task 'nope\\u{001b}', and it is no run's id");
}
