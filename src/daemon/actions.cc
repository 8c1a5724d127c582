// What the engine decides, done: processes are started and ended, facts told. What that makes happen is the next input.

#include <utility>
#include <variant>

#include "daemon/daemon.h"

namespace taskrun::daemon {
namespace {

constexpr std::uint64_t kReapEvery = 16;  // starts: some milliseconds

}  // namespace

void Daemon::carry_out_any(const engine::Action& action) {
  std::visit([this](const auto& concrete) { carry_out(concrete); }, action);
}

void Daemon::carry_out(const engine::StartAttempt& action) {
  start(action.attempt, launches_.build(action), action.run);
}

void Daemon::carry_out(const engine::StartHook& action) { start(action.attempt, launches_.build(action), action.run); }

void Daemon::start(AttemptId attempt, const process::Launch& launch, const RunRef& run) {
  const auto pid = runner_->start(attempt, launch);
  if (!pid) return start_failed(attempt, pid.error());
  if (launch.output.mode == OutputMode::lines) writers_.emplace(attempt, run);
  enqueue(engine::AttemptStarted{attempt, *pid});
  // The first of many have ended before the last are started.
  if (++starts_ % kReapEvery == 0) runner_->reap();
}

void Daemon::carry_out(const engine::StopAttempt& action) { runner_->stop(action.attempt, action.signal); }

void Daemon::carry_out(const engine::KillAttempt& action) { runner_->kill(action.attempt); }

void Daemon::start_failed(AttemptId attempt, StartFailure failure) {
  AttemptReport report;
  report.start_failure = std::move(failure);
  enqueue(engine::AttemptEnded{attempt, std::move(report)});
}

void Daemon::died(const report::OpenRun& run) {
  enqueue(engine::RunDied{run.task, run.id, run.attempt, run.trigger, run.scheduled_at, run.claimed_at});
}

// Only of tasks that were there at the start: what came later has missed nothing.
void Daemon::found_mark(const std::string& name, const DueMark& mark) {
  const engine::Task* task = engine_.tasks().find(name);
  const bool was_there = task != nullptr && task->key.generation == 0 && task->key.id < tasks_at_start_;
  if (was_there) enqueue(engine::MarkFound{task->key, mark, began_at_});
}

// `once` has no schedule: a task that was added is triggered.
void Daemon::carry_out(const engine::Reply& action) {
  if (action.request != kAddRequest) return control_->answered(action);
  const auto* task = std::get_if<TaskKey>(&action.answer);
  if (options_.once && task != nullptr) enqueue(engine::TriggerTask{*task});
}

void Daemon::carry_out(const engine::Stopped& action) {
  runs_were_killed_ = action.runs_were_killed;
  reload_.give_up();
  if (control_) control_->close();
  lines_.drain(sys::read_clocks().wall);
  chunks_.drain();
  loop_.stop();
}

void Daemon::emit(Event event) { ahead_.take(engine::Emit{std::move(event)}); }

void Daemon::carry_out(const engine::Emit& action) {
  const Event& event = action.event;
  lines_.record(event);
  exit_codes_.record(event);
  result_file_.record(event);
  if (control_) control_->record(event);
  supervisor_.record(event);
}

}  // namespace taskrun::daemon
