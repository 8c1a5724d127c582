#include "cli/run_ending.h"

#include <doctest/doctest.h>

#include "cli/exit_codes.h"

using namespace taskrun;
using namespace taskrun::cli;

namespace {

constexpr const char* kRun = "019c2a6e-5d1f-7c3a-9b1e-2f4a6c8e0d12";

std::string line(const std::string& event, const std::string& rest) {
  return R"({"event":")" + event + R"(","task":"a","run_id":")" + kRun +
         R"(","started_at":"2026-02-03T04:00:00.000412Z","duration_ms":1234.567,)" + rest + "}";
}

Ended finished(const std::string& rest) {
  const auto ended = read_ending(line("run_finished", rest + R"(,"final":true,"stdout":"o\n","stderr":"e\n")"), kRun);
  REQUIRE(ended.has_value());
  return *ended;
}

}  // namespace

TEST_CASE("who waited for a run exits as it did") {
  CHECK(exit_code_of(finished(R"("outcome":"success","exit_code":0)")) == 0);
  CHECK(exit_code_of(finished(R"("outcome":"success","exit_code":3)")) == 3);
  CHECK(exit_code_of(finished(R"("outcome":"failure","exit_code":7)")) == 7);
  CHECK(exit_code_of(finished(R"("outcome":"failure","signal":"SIGSEGV")")) == 128 + 11);
  CHECK(exit_code_of(finished(R"("outcome":"cancelled","signal":"SIGTERM")")) == 128 + 15);
  CHECK(exit_code_of(finished(R"("outcome":"timeout","signal":"SIGKILL")")) == 124);
  CHECK(exit_code_of(finished(R"("outcome":"error","error":"why")")) == 125);
}

TEST_CASE("the end is told to people, with what the run had written") {
  CHECK(finished(R"("outcome":"failure","exit_code":7)").text == "failure, exit 7, took 1.2 s");
  CHECK(finished(R"("outcome":"failure","signal":"SIGSEGV")").text == "failure, SIGSEGV, took 1.2 s");
  CHECK(finished(R"("outcome":"error","error":"executing 'x': No such file or directory")").text ==
        "error, executing 'x': No such file or directory, took 1.2 s");
  CHECK(finished(R"("outcome":"success","exit_code":0)").text == "success, took 1.2 s");
  CHECK(finished(R"("outcome":"success","exit_code":0)").output == "o\ne\n");
}

TEST_CASE("only the closing line of that run counts") {
  CHECK_FALSE(read_ending(line("run_finished", R"("outcome":"failure","exit_code":1,"final":false)"), kRun));
  CHECK_FALSE(read_ending(line("run_started", R"("pid":1)"), kRun));
  CHECK_FALSE(read_ending(line("run_finished", R"("outcome":"success","exit_code":0,"final":true)"), "another"));
  CHECK_FALSE(read_ending(std::string("no JSON ") + kRun, kRun));
}

TEST_CASE("a run that waited and was given up could not be run for now") {
  const auto ended = read_ending(line("run_skipped", R"("reason":"stopping")"), kRun);
  REQUIRE(ended.has_value());
  CHECK(exit_code_of(*ended) == kUnavailable);
  CHECK(ended->text == "it was not run (stopping)");
}

TEST_CASE("a run that was cancelled while it waited never began") {
  const auto ended = finished(R"("outcome":"cancelled","killed_by":"cancel","error":"ended before attempt 1 began")");
  CHECK(exit_code_of(ended) == kUnavailable);
  CHECK(ended.text == "it was not run (cancelled)");
  CHECK_FALSE(ended.line.empty());
  CHECK(exit_code_of(finished(R"("outcome":"cancelled","error":"ended before attempt 2 began")")) == 1);
  TaskSeen task;
  task.last_run = LastRunSeen{.id = kRun, .outcome = "cancelled", .error = "ended before attempt 1 began"};
  CHECK(exit_code_of(remembered_ending(task, kRun).value()) == kUnavailable);
}

TEST_CASE("what the task remembers tells why a run could not start") {
  TaskSeen task;
  task.last_run = LastRunSeen{.id = kRun, .outcome = "error", .error = "why", .start_failure = "not_found"};
  CHECK(exit_code_of(remembered_ending(task, kRun).value()) == 127);
  task.last_run->start_failure = "not_executable";
  CHECK(exit_code_of(remembered_ending(task, kRun).value()) == 126);
  task.last_run->start_failure = "other";
  CHECK(exit_code_of(remembered_ending(task, kRun).value()) == 125);
  CHECK_FALSE(remembered_ending(task, "another"));
  CHECK_FALSE(remembered_ending(TaskSeen{}, kRun));
}
