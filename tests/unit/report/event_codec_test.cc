#include "report/event_codec.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "samples.h"

namespace taskrun::report {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::string_literals;

std::string line_of(Fact fact) { return to_json_line({kNoon, std::move(fact)}, 7, "accounts"); }
Json parsed(Fact fact) { return Json::parse(line_of(std::move(fact))); }

constexpr std::string_view kHead = R"({"time":"2026-02-03T12:00:00.000004Z","seq":7,"level":)";

TEST_CASE("A runner tells what it is") {
  CHECK(
      line_of(RunnerStarted{"0.1.0", 12, "cgroup", 3, "", "/run/a.sock", ""}) ==
      std::string(kHead) +
          R"("info","event":"runner_started","instance":"accounts","version":"0.1.0","pid":12,"containment":"cgroup",)"
          R"("tasks":3,"state":null,"socket":"/run/a.sock","http":null,)"
          R"("msg":"taskrun 0.1.0 started: 3 tasks, cgroup"})"
          "\n");
  CHECK(line_of(RunnerStopped{5, 1, 0, 0, 0, 2}) ==
        std::string(kHead) +
            R"("info","event":"runner_stopped","instance":"accounts","runs":{"success":5,"failure":1,"timeout":0,)"
            R"("error":0,"cancelled":0,"skipped":2},"msg":"stopped: 5 succeeded, 1 failed, 2 skipped"})"
            "\n");
}

TEST_CASE("A finished run tells everything, in the order of the table") {
  RunFinished e = finished(Outcome::failure, exited(3));
  e.report.stdout_tail = "half\n";
  e.report.stderr_tail = "no \xff";
  e.report.output_bytes = 9;
  e.report.result = R"({"billed":3})";
  CHECK(line_of(e) ==
        std::string(kHead) + R"("error","event":"run_finished","task":"billing","task_id":3,"run_id":")" +
            e.run.id.text() +
            R"(","attempt":1,"trigger":"schedule","scheduled_at":"2026-02-03T11:59:59.000004Z",)"
            R"("started_at":"2026-02-03T12:00:00.000004Z","duration_ms":1234.567,"outcome":"failure","exit_code":3,)"
            R"("final":true,"pid":4711,"cpu_user_ms":1.500,"cpu_system_ms":2.000,"max_rss_kib":3000,)"
            R"("leftovers_killed":0,"stdout":"half\n","stderr":"no �","lossy":true,"output_bytes":9,)"
            R"("truncated_bytes":0,"output_complete":true,"result":{"billed":3},)"
            R"("next_run_at":"2026-02-03T12:10:00.000004Z","msg":"billing failed: exit code 3"})"
            "\n");
}

TEST_CASE("What did not happen has no key") {
  const Json failed_to_start = [] {
    RunFinished e = finished(Outcome::error, AttemptReport{});
    e.error = "executing 'nosuch': No such file or directory";
    return parsed(e);
  }();
  for (const char* key : {"exit_code", "signal", "core_dumped", "killed_by", "pid", "cpu_user_ms", "cpu_system_ms",
                          "max_rss_kib", "retry_in_ms", "lossy", "result"}) {
    CAPTURE(key);
    CHECK_FALSE(failed_to_start.contains(key));
  }
  CHECK(failed_to_start["error"] == "executing 'nosuch': No such file or directory");
  CHECK(failed_to_start["stdout"] == "");
  CHECK_FALSE(parsed(finished(Outcome::success, exited(0))).contains("error"));
}

TEST_CASE("A signal is told by name, and never beside an exit code") {
  const Json died = parsed(finished(Outcome::failure, signalled(11, true)));
  CHECK(died["signal"] == "SIGSEGV");
  CHECK(died["core_dumped"] == true);
  CHECK_FALSE(died.contains("exit_code"));
  const Json exited_normally = parsed(finished(Outcome::failure, exited(139)));
  CHECK(exited_normally["exit_code"] == 139);
  CHECK_FALSE(exited_normally.contains("signal"));
}

TEST_CASE("A skipped run has no attempt, and a count only where it stands for many") {
  const Json one = parsed(RunSkipped{sample_run(), SkipReason::overlap, 1, std::nullopt});
  CHECK_FALSE(one.contains("attempt"));
  CHECK_FALSE(one.contains("count"));
  CHECK(one["next_run_at"].is_null());
  CHECK(parsed(RunSkipped{sample_run(), SkipReason::missed, 480, std::nullopt})["count"] == 480);
}

TEST_CASE("What is sent to a hook names the task and the hook, not the run") {
  const Json sent = parsed(KillSent{sample_task(), HookKind::on_failure, "stop", 15, KilledBy::timeout});
  CHECK(sent["hook"] == "on_failure");
  CHECK(sent["signal"] == "SIGTERM");
  CHECK_FALSE(sent.contains("run_id"));
}

TEST_CASE("Levels say what somebody should look at") {
  const auto level = [](Fact fact) { return parsed(std::move(fact))["level"].get<std::string>(); };
  RunFinished retried = finished(Outcome::failure, exited(1));
  retried.is_final = false;
  CHECK(level(finished(Outcome::success, exited(0))) == "info");
  CHECK(level(retried) == "warn");
  CHECK(level(finished(Outcome::failure, exited(1))) == "error");
  CHECK(level(finished(Outcome::timeout, signalled(15))) == "error");
  CHECK(level(finished(Outcome::error, AttemptReport{})) == "error");
  CHECK(level(finished(Outcome::cancelled, signalled(15))) == "warn");
  CHECK(level(RunSkipped{sample_run(), SkipReason::overlap, 1, std::nullopt}) == "warn");
  CHECK(level(RunSkipped{sample_run(), SkipReason::paused, 1, std::nullopt}) == "info");
  CHECK(level(hooked(HookKind::on_stop, Outcome::failure, exited(1))) == "warn");
  CHECK(level(ContainmentFailed{sample_run(), std::nullopt, {17}}) == "error");
  CHECK(level(RunOutput{sample_run(), true, "an error, says the task", false}) == "info");
  CHECK(level(EventsDropped{1, 2}) == "warn");
}

TEST_CASE("Messages read like sentences") {
  const auto message = [](Fact fact) { return parsed(std::move(fact))["msg"].get<std::string>(); };
  RunFinished retried = finished(Outcome::failure, exited(1));
  retried.is_final = false;
  retried.retry_in = 1500ms;
  CHECK(message(retried) == "billing failed: exit code 1; next attempt in 1.5 s");
  CHECK(message(finished(Outcome::failure, signalled(11, true))) == "billing failed: SIGSEGV, core dumped");
  CHECK(message(RunStarted{sample_run(2, Trigger::retry), 1ms, 9}) == "billing started: attempt 2");
  CHECK(message(RunSkipped{sample_run(), SkipReason::missed, 480, std::nullopt}) ==
        "billing skipped 480 times: the time passed before the runner could look");
  CHECK(message(hooked(HookKind::on_failure, Outcome::timeout, signalled(9))) ==
        "the on_failure hook of billing timed out");
  CHECK(message(KillSent{sample_run(), std::nullopt, "stop", 15, KilledBy::timeout}) ==
        "SIGTERM sent to billing: timeout");
  CHECK(message(ContainmentFailed{sample_run(), std::nullopt, {17, 18}}) ==
        "billing could not be ended: 2 processes left");
  CHECK(message(EventsDropped{7, 9}) == "3 events dropped: stdout was not read fast enough");
  CHECK(message(ClockJumped{-2h}) == "the wall clock stepped by -7200 s");
  CHECK(message(RunnerStopped{}) == "stopped: no runs");
}

TEST_CASE("No sample tells a command line") {
  for (const Event& event : all_samples()) {
    CHECK(to_json_line(event, 1, "a").find("secret-command") == std::string::npos);
  }
}

// Of what the tails hold, nothing is lost without being counted.
void check_cut(const std::string& out, const std::string& err) {
  RunFinished e = finished(Outcome::success, exited(0));
  e.report.stdout_tail = out;
  e.report.stderr_tail = err;
  e.report.truncated_bytes = 1'000;
  e.report.result = "{\"r\":\"" + std::string(limits::kResultSize.count - 8, 'r') + "\"}";
  e.error = std::string(5'000, '\x01');
  const std::string line = line_of(e);
  CHECK(line.size() <= limits::kEventLine);
  CHECK(line.size() > limits::kEventLine - 64);  // and it is used well
  const Json told = Json::parse(line);
  const auto shown_out = told["stdout"].get<std::string>(), shown_err = told["stderr"].get<std::string>();
  CHECK(out.ends_with(shown_out));
  CHECK(err.ends_with(shown_err));
  CHECK(told["truncated_bytes"] == 1'000 + out.size() - shown_out.size() + err.size() - shown_err.size());
  CHECK(told["result"]["r"].get<std::string>().size() == limits::kResultSize.count - 8);
}

TEST_CASE("Tails are cut so that the line fits, and what is cut is counted") {
  check_cut(std::string(1'000'000, 'o'), std::string(1'000'000, 'e'));
  check_cut(std::string(20'000, '\x01'), "");
  check_cut("", std::string(20'000, '\n'));
  check_cut(std::string(20'000, '"'), "short");
}

TEST_CASE("Two long tails share the room, and a short one leaves its part to the other") {
  RunFinished e = finished(Outcome::success, exited(0));
  e.report.stdout_tail = std::string(50'000, 'o');
  e.report.stderr_tail = std::string(50'000, 'e');
  const Json shared = parsed(e);
  CHECK(shared["stdout"].get<std::string>().size() > 7'000);
  CHECK(shared["stderr"].get<std::string>().size() > 7'000);
  e.report.stderr_tail = "e";
  CHECK(parsed(e)["stdout"].get<std::string>().size() > 14'000);
  e.report.stderr_tail = std::string(50'000, 'e');
  e.report.stdout_tail = "";
  CHECK(parsed(e)["stderr"].get<std::string>().size() > 14'000);
}

TEST_CASE("A cut never splits a character") {
  for (std::size_t pad = 0; pad < 4; ++pad) {
    RunFinished e = finished(Outcome::success, exited(0));
    for (int i = 0; i < 10'000; ++i) e.report.stdout_tail += "😀";
    e.report.stderr_tail = std::string(pad, 'x');
    const Json told = parsed(e);
    CHECK_FALSE(told.contains("lossy"));
    CHECK(told["stdout"].get<std::string>().starts_with("😀"));
  }
}

TEST_CASE("Lossy speaks of what is shown, not of what was cut away") {
  RunFinished e = finished(Outcome::success, exited(0));
  e.report.stdout_tail = "\xff" + std::string(50'000, 'o');
  CHECK_FALSE(parsed(e).contains("lossy"));
}

TEST_CASE("Every line is bounded, whatever a task, a path or a name does") {
  RunnerStarted far{"0.1.0", 1, "subreaper", 1, std::string(4'096, '\x01'), std::string(4'096, '\x01'), ""};
  CHECK(line_of(far).size() <= limits::kEventLine);
  CHECK(line_of(RunOutput{sample_run(), false, std::string(limits::kOutputLine, '\x01'), false}).size() <=
        limits::kEventLine);
  CHECK(parsed(RunOutput{sample_run(), false, std::string(limits::kOutputLine, '\x01'), false})["partial"] == false);
  const Json cut = parsed(RunOutput{sample_run(), false, std::string(100'000, 'a'), false});
  CHECK(cut["partial"] == true);
  const ContainmentFailed bomb{sample_run(), std::nullopt, std::vector<pid_t>(100'000, 4'194'304)};
  CHECK(line_of(bomb).size() <= limits::kEventLine);
  CHECK(parsed(bomb)["pids"].size() == 1'000);
  CHECK(parsed(bomb)["count"] == 100'000);
}

TEST_CASE("A line of output that is no UTF-8 says so before it shows it") {
  const std::string line = line_of(RunOutput{sample_run(), true, "caf\xc3", true});
  CHECK(line.find(R"("lossy":true,"stream":"stderr","line":"caf�","partial":true)") != std::string::npos);
}

}  // namespace
}  // namespace taskrun::report
