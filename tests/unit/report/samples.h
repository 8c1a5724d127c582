#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/event.h"

/// Events as a runner could tell them, one of each shape.
namespace taskrun::report {

using namespace std::chrono_literals;

inline constexpr WallTime kNoon{std::chrono::sys_days{std::chrono::year(2026) / 2 / 3} + 12h + 4us};

inline TaskRef sample_task(const std::string& name = "billing") {
  auto policy = std::make_shared<TaskPolicy>();
  return {std::make_shared<TaskSpec>(TaskSpec{name, ShellText{"secret-command"}, Every{600s}, policy}), 3};
}

inline RunRef sample_run(int attempt = 1, Trigger trigger = Trigger::schedule) {
  RunRef run{sample_task(), {}, attempt, trigger, kNoon - 1s};
  run.id = RunIdSource(1).make(kNoon);
  return run;
}

inline AttemptReport exited(int code) {
  AttemptReport report;
  report.pid = 4711;
  report.exit.exit_code = code;
  report.cpu_user = 1500us;
  report.cpu_system = 2ms;
  report.max_rss_kib = 3000;
  return report;
}

inline AttemptReport signalled(int signal, bool core_dumped = false) {
  AttemptReport report = exited(0);
  report.exit = {std::nullopt, signal, core_dumped};
  return report;
}

inline RunFinished finished(Outcome outcome, AttemptReport report) {
  RunFinished e;
  e.run = sample_run();
  e.started_at = kNoon;
  e.duration = 1234567us;
  e.outcome = outcome;
  e.report = std::move(report);
  e.next_run_at = kNoon + 10min;
  return e;
}

inline HookFinished hooked(HookKind hook, Outcome outcome, AttemptReport report) {
  HookFinished e;
  e.task = sample_task();
  e.hook = hook;
  e.started_at = kNoon;
  e.duration = 20ms;
  e.outcome = outcome;
  e.report = std::move(report);
  if (hook != HookKind::on_stop) e.scheduled_at = kNoon - 1s;
  return e;
}

inline std::vector<Fact> runner_samples() {
  return {RunnerStarted{"0.1.0", 12, "subreaper", 1, "", "", ""},
          RunnerStarted{"0.1.0", 12, "cgroup", 100'000, "/var/lib/taskrun/a", "/run/taskrun/a.sock", "127.0.0.1:9464"},
          RunnerStopping{"SIGTERM"},
          RunnerStopped{},
          RunnerStopped{1, 2, 3, 4, 5, 6},
          ManifestReloaded{100'000, 1, 2, 3},
          ManifestRejected{{{.file = "taskrun.json", .line = 3, .column = 7, .message = "no", .hint = "yes"}}, 1},
          ManifestRejected{Diagnostics(1'000, {.file = "a", .message = std::string(900, 'x')}), 5'000},
          ClockJumped{-2h},
          ClockJumped{1500us},
          EventsDropped{7, 9},
          HistoryDegraded{"cannot write 'history.db': database or disk is full"},
          HistoryRestored{}};
}

inline std::vector<Fact> task_samples() {
  TaskRef unlimited = sample_task();
  auto policy = std::make_shared<TaskPolicy>();
  policy->timeout.reset();
  unlimited.spec = std::make_shared<TaskSpec>(TaskSpec{"on.request", ShellText{"true"}, OnRequest{}, policy});
  return {TaskAdded{sample_task(), kNoon + 10min}, TaskAdded{unlimited, std::nullopt}, TaskRemoved{sample_task()},
          TaskPaused{sample_task()}, TaskResumed{sample_task()}};
}

inline std::vector<Fact> finished_samples() {
  RunFinished chatty = finished(Outcome::success, exited(0));
  chatty.report.stdout_tail = "first line\nsecond \"line\"\n\x01\xff";
  chatty.report.stderr_tail = "ärger\n";
  chatty.report.output_bytes = 30;
  chatty.report.truncated_bytes = 4;
  chatty.report.output_complete = false;
  chatty.report.leftovers_killed = 2;
  chatty.report.result = R"({"billed":3})";
  RunFinished retried = finished(Outcome::failure, exited(3));
  retried.is_final = false;
  retried.retry_in = 1500ms;
  RunFinished timed_out = finished(Outcome::timeout, signalled(15));
  timed_out.killed_by = KilledBy::timeout;
  RunFinished cancelled = finished(Outcome::cancelled, AttemptReport{});  // between two attempts
  cancelled.run = sample_run(2, Trigger::retry);
  cancelled.killed_by = KilledBy::replace;
  cancelled.next_run_at.reset();
  RunFinished unstartable = finished(Outcome::error, AttemptReport{});
  unstartable.error = "executing 'nosuch': No such file or directory";
  RunFinished odd_result = finished(Outcome::success, exited(0));
  odd_result.error = "result: not an object";
  RunFinished oom = finished(Outcome::failure, signalled(9));
  oom.killed_by = KilledBy::oom;
  return {chatty,      retried,    timed_out, cancelled,
          unstartable, odd_result, oom,       finished(Outcome::failure, signalled(11, true))};
}

inline std::vector<Fact> run_samples() {
  std::vector<Fact> facts = finished_samples();
  facts.push_back(RunOutput{sample_run(), false, "hello", false});
  facts.push_back(RunOutput{sample_run(), true, "caf\xc3", true});
  facts.push_back(KillSent{sample_run(), std::nullopt, "stop", 15, KilledBy::timeout});
  facts.push_back(KillSent{sample_run(), std::nullopt, "kill", 9, KilledBy::cancel});
  facts.push_back(KillSent{sample_task(), HookKind::on_failure, "kill", 9, KilledBy::stop});
  facts.push_back(ContainmentFailed{sample_run(), std::nullopt, {17, 18}});
  facts.push_back(ContainmentFailed{sample_task(), HookKind::on_stop, std::vector<pid_t>(1'500, 4'194'304)});
  for (const Trigger trigger :
       {Trigger::schedule, Trigger::start, Trigger::manual, Trigger::retry, Trigger::catch_up, Trigger::queue}) {
    facts.push_back(RunStarted{sample_run(1, trigger), 345us, 4711});
  }
  for (const SkipReason reason : {SkipReason::overlap, SkipReason::paused, SkipReason::pool, SkipReason::missed,
                                  SkipReason::late, SkipReason::disabled, SkipReason::stopping}) {
    facts.push_back(RunSkipped{sample_run(), reason, 1, kNoon + 10min});
    facts.push_back(RunSkipped{sample_run(), reason, 480, std::nullopt});
  }
  return facts;
}

inline std::vector<Fact> hook_samples() {
  HookFinished killed = hooked(HookKind::on_failure, Outcome::timeout, signalled(9));
  killed.killed_by = KilledBy::timeout;
  HookFinished unstartable = hooked(HookKind::on_stop, Outcome::error, AttemptReport{});
  unstartable.error = "executing 'nosuch': No such file or directory";
  HookFinished told = hooked(HookKind::on_success, Outcome::success, exited(0));
  told.report.result = "{}";
  HookFinished chatty = hooked(HookKind::on_failure, Outcome::failure, exited(1));
  chatty.report.stderr_tail = "\xff";
  return {told, killed, unstartable, chatty};
}

inline std::vector<Event> all_samples() {
  std::vector<Event> events;
  for (const auto& facts : {runner_samples(), task_samples(), run_samples(), hook_samples()}) {
    for (const Fact& fact : facts) events.push_back({kNoon, fact});
  }
  return events;
}

}  // namespace taskrun::report
