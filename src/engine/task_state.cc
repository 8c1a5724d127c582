// A run's life, from the due time that it answers to the end of its hook.
//
//   phase \ what  | its timer fires     | its process ended    | it is to end            | a place is free
//   --------------+---------------------+----------------------+-------------------------+----------------
//   jitter        | → waiting           | –                    | run_skipped ¹           | –
//   queued        | late: run_skipped   | –                    | run_skipped ¹           | –
//   waiting       | late: run_skipped   | –                    | run_skipped ¹           | → running
//   running       | timeout: → stopping | → backing_off, its    | signal sent: → stopping | –
//                 |                     |   hook, or done ²     |                         |
//   stopping      | grace: → killing    | the same             | –                       | –
//   killing       | –                   | the same             | –                       | –
//   backing_off   | → waiting           | –                    | run_finished cancelled, | –
//                 |                     |                      |   its hook, or done     |
//
//   ¹ A run that has begun (a later attempt waits for its place), or that is cancelled by name, gets its final
//     run_finished with outcome cancelled instead.
//   ² Where an attempt is to end before its process exists, or its task goes, the start is withdrawn; told as ¹.
//
// Done: the place is free, the run queued behind it moves to waiting; the last run of a task that is removed, or whose
// runner stops, is followed by the task's on_stop hook, itself a Run that goes waiting → running → done. A hook is
// ended only by its own timeout: it keeps its run's place until then, so hooks cannot pile up.
//
// A task is paused or not, beside all this: while it is, its due times are recorded as skipped and nothing else
// changes.

#include <algorithm>
#include <cassert>
#include <csignal>
#include <string>
#include <utility>

#include "engine/engine.h"
#include "engine/waits.h"

namespace taskrun::engine {

Run& Engine::make_run(Task& task, Trigger trigger, const DueTime& due) {
  if (free_runs_.empty()) {
    free_runs_.push_back(static_cast<std::uint32_t>(runs_.size()));
    runs_.emplace_back();
  }
  const std::uint32_t index = free_runs_.back();
  free_runs_.pop_back();
  Run& run = runs_[index];
  run = Run{};
  run.index = index;
  run.serial = ++last_run_serial_ == 0 ? ++last_run_serial_ : last_run_serial_;
  run.task = task.key;
  run.spec = task.spec;
  run.id = run_ids_.make(now_.wall);
  run.trigger = trigger;
  run.due = due;
  run.attempt_due = due.boot;
  if (std::holds_alternative<Delay>(task.spec->schedule)) boot_timers_.cancel(task.due_timer);  // until it has ended
  task.runs.push_back(index);
  ++live_runs_;
  return run;
}

void Engine::free_run(Run& run) {
  boot_timers_.cancel(run.timer);
  timeouts_.cancel(run.timeout_timer);
  release_place(run);
  if (Task* task = roster_.find(run.task)) std::erase(task->runs, run.index);
  free_runs_.push_back(run.index);
  run.serial = 0;
  run.spec = nullptr;
  run.env = nullptr;
  --live_runs_;
}

// Before it begins. --------------------------------------------------------------------------------------------------

void Engine::put_off(Run& run) {
  const BootTime start = run.due.boot + jitter_wait(run.spec->policy->jitter, run.spec->name, run.due.wall);
  boot_timers_.cancel(run.timer);
  if (start <= now_.boot) return enqueue(run);
  run.phase = Phase::jitter;
  run.timer = boot_timers_.arm(start, {Owner::Kind::run, run.index});
}

void Engine::wait_behind(Run& run) {
  run.phase = Phase::queued;
  arm_start_deadline(run);
}

void Engine::enqueue(Run& run) {
  run.phase = Phase::waiting;
  arm_start_deadline(run);
  run.pool = run.hook == HookKind::on_stop ? Admission::kNoPool : admission_.find_pool(run.spec->policy->pool);
  admission_.enqueue({run.index, run.serial}, run.pool);
}

// The deadline counts from the due time, but never cuts into the jitter that the task itself asked for.
void Engine::arm_start_deadline(Run& run) {
  const auto& deadline = run.spec->policy->start_deadline;
  boot_timers_.cancel(run.timer);
  if (!deadline || run.has_begun()) return;
  const Nanos jitter = jitter_wait(run.spec->policy->jitter, run.spec->name, run.due.wall);
  run.timer = boot_timers_.arm(run.due.boot + jitter + *deadline, {Owner::Kind::run, run.index});
}

void Engine::skip_run(Run& run, SkipReason reason) {
  Task& task = *roster_.find(run.task);
  const RunRef skipped = ref(run);
  if (run.due.is_kept) note(task);
  free_run(run);
  tally_.skipped += 1;
  arm_delay_if_idle(task);
  emit(RunSkipped{skipped, reason, 1, next_run_at(task)});
  catch_up(task);
}

// Processes. ---------------------------------------------------------------------------------------------------------

void Engine::start_admitted() {
  const Admission::IsWaiting waits = [this](const Admission::Ticket& ticket) { return is_waiting(ticket); };
  while (const auto ticket = admission_.admit(waits)) {
    Run& run = runs_[ticket->run];
    run.holds_place = true;
    start_process(run);
  }
}

void Engine::start_process(Run& run) {
  boot_timers_.cancel(run.timer);
  run.phase = Phase::running;
  run.ending.reset();
  run.is_up = false;
  run.process = AttemptId{(std::uint64_t{++last_process_serial_} << 32) | run.index};
  run.started = now_.mono;
  run.started_at = now_.wall;
  if (run.due.is_kept && run.attempt == 1 && !run.hook) note(*roster_.find(run.task));
  if (run.hook) {
    actions_->emplace_back(StartHook{run.process, ref(run), *run.hook, run.outcome, run.exit});
  } else {
    actions_->emplace_back(StartAttempt{run.process, ref(run), run.env});
  }
}

// When its process exists: where hundreds are due at once, or a disk is slow, that is long after the decision, whose
// moment counts for one that never comes about.
void Engine::begin_time(Run& run) {
  run.started = now_.mono;
  run.started_at = now_.wall;
  if (run.phase != Phase::running) return;
  const TaskPolicy& policy = *run.spec->policy;
  const auto& timeout = run.hook ? hook_of(policy, *run.hook)->timeout : policy.timeout;
  if (timeout) run.timeout_timer = timeouts_.arm(now_.mono + *timeout, run.index);
}

void Engine::run_timer(Run& run) {
  run.timer = TimerId{};
  switch (run.phase) {
    case Phase::jitter: enqueue(run); break;
    case Phase::queued:
    case Phase::waiting: skip_run(run, SkipReason::late); break;
    case Phase::stopping: kill_process(run); break;
    case Phase::backing_off:
      run.attempt_due = now_.boot;
      enqueue(run);
      break;
    case Phase::running:
    case Phase::killing: assert(false && "no timer of the boot-time clock runs in this phase");
  }
}

// During a stop a hook has its timeout and no grace: the stop has a bound.
void Engine::stop_process(Run& run, KilledBy why) {
  timeouts_.cancel(run.timeout_timer);
  run.ending = why;
  if (run.hook && stopping_) return kill_process(run);
  run.phase = Phase::stopping;
  const int signal = run.spec->policy->stop_signal;
  actions_->emplace_back(StopAttempt{run.process, signal});
  emit_kill(run, "stop", signal);
  run.timer = boot_timers_.arm(now_.boot + run.spec->policy->grace, {Owner::Kind::run, run.index});
}

void Engine::kill_process(Run& run) {
  boot_timers_.cancel(run.timer);
  timeouts_.cancel(run.timeout_timer);
  run.phase = Phase::killing;
  actions_->emplace_back(KillAttempt{run.process});
  emit_kill(run, "kill", SIGKILL);
}

void Engine::emit_kill(const Run& run, std::string_view stage, int signal) {
  KillSent sent{ref(run), run.hook, stage, signal, *run.ending};
  if (run.hook) sent.of = ref(run).task;
  emit(std::move(sent));
}

namespace {

SkipReason reason_not_to_begin(KilledBy why) {
  return why == KilledBy::replace ? SkipReason::overlap : SkipReason::stopping;
}

}  // namespace

// Ending it. ---------------------------------------------------------------------------------------------------------

void Engine::end_run(Run& run, KilledBy why) {
  if (run.hook) return;
  switch (run.phase) {
    case Phase::jitter:
    case Phase::queued:
    case Phase::waiting:
      if (run.has_begun() || why == KilledBy::cancel) return cancel_unstarted(run, why);
      return skip_run(run, reason_not_to_begin(why));
    case Phase::backing_off: return cancel_unstarted(run, why);
    case Phase::running: return stop_process(run, why);
    case Phase::stopping:
    case Phase::killing: return;
  }
}

// Of a task that goes: what has not begun never will, what waits for its retry ends, and what runs may finish unless
// `end_running`. Where nothing is left, it is wound up.
void Engine::let_go(Task& task, bool end_running) {
  boot_timers_.cancel(task.due_timer);
  wall_timers_.cancel(task.wall_timer);
  give_up_owed(task, SkipReason::stopping);
  const TaskKey key = task.key;
  const std::vector<std::uint32_t> before = task.runs;
  for (const std::uint32_t index : before) {
    Run& run = runs_[index];
    if (end_running || !run.has_process()) {
      end_run(run, KilledBy::stop);
    } else if (!run.is_up && !run.hook) {
      actions_->emplace_back(WithdrawAttempt{run.process});
    }
  }
  Task* left = roster_.find(key);  // the end of its last run may have removed it
  if (left != nullptr && left->runs.empty() && !left->has_wound_up) wind_up(*left);
}

void Engine::cancel_unstarted(Run& run, KilledBy why) {
  boot_timers_.cancel(run.timer);
  if (run.due.is_kept) note(*roster_.find(run.task));
  run.started = now_.mono;
  run.started_at = now_.wall;
  run.exit = {};  // its hook is told of no earlier attempt
  RunFinished finished = finished_now(run);
  finished.outcome = Outcome::cancelled;
  finished.killed_by = why;
  finished.error = "ended before attempt " + std::to_string(run.attempt) + " began";
  finish(run, std::move(finished));
}

// After a process. ---------------------------------------------------------------------------------------------------

namespace {

bool could_not_start(const AttemptReport& report) {
  return report.start_failure && report.start_failure->kind != StartFailure::Kind::withdrawn;
}

Outcome outcome_of(const Run& run, const AttemptReport& report, const std::vector<int>& success_codes) {
  if (could_not_start(report)) return Outcome::error;
  if (run.ending) return *run.ending == KilledBy::timeout ? Outcome::timeout : Outcome::cancelled;
  const auto& code = report.exit.exit_code;
  const bool wanted = code && std::find(success_codes.begin(), success_codes.end(), *code) != success_codes.end();
  return wanted ? Outcome::success : Outcome::failure;
}

std::optional<KilledBy> killed_by(const Run& run, const AttemptReport& report) {
  if (could_not_start(report)) return std::nullopt;
  if (run.ending) return run.ending;
  return report.oom ? std::optional(KilledBy::oom) : std::nullopt;
}

std::string error_of(const AttemptReport& report) {
  return report.start_failure ? report.start_failure->message : report.result_error;
}

}  // namespace

void Engine::attempt_ended(Run& run, AttemptReport report) {
  const bool is_withdrawn = report.start_failure && report.start_failure->kind == StartFailure::Kind::withdrawn;
  if (is_withdrawn) {
    run.ending = run.ending.value_or(KilledBy::stop);
    if (run.attempt == 1 && run.ending != KilledBy::cancel) return withdrawn(run);
  }
  if (!report.survivors.empty()) emit(ContainmentFailed{ref(run), std::nullopt, report.survivors});
  RunFinished finished = finished_now(run);
  finished.outcome = outcome_of(run, report, run.spec->policy->success_codes);
  finished.killed_by = killed_by(run, report);
  finished.error = error_of(report);
  run.exit = report.exit;
  finished.report = std::move(report);
  const bool is_refused = report.start_failure && report.start_failure->kind == StartFailure::Kind::refused;
  if (!is_refused && may_retry(run, finished.outcome)) {
    back_off(run, std::move(finished));
  } else {
    finish(run, std::move(finished));
  }
}

// What never began is told as what waited and was not to begin.
void Engine::withdrawn(Run& run) {
  Task& task = *roster_.find(run.task);
  if (run.due.is_kept) note(task);
  tally_.skipped += 1;
  if (std::holds_alternative<Delay>(task.spec->schedule) && task.runs.size() == 1) arm_due(task);
  emit(RunSkipped{ref(run), reason_not_to_begin(*run.ending), 1, next_run_at(task)});
  run_done(run);
}

bool Engine::may_retry(const Run& run, Outcome outcome) {
  const RetryPolicy& retry = run.spec->policy->retry;
  const Task* task = roster_.find(run.task);
  const bool goes = stopping_ || task == nullptr || task->is_removing;
  return !goes && run.attempt < retry.attempts &&
         std::find(retry.on.begin(), retry.on.end(), outcome) != retry.on.end();
}

// Its place is free meanwhile: a run that waits for minutes must not hold up the others.
void Engine::back_off(Run& run, RunFinished finished) {
  const Nanos wait = retry_wait(run.spec->policy->retry, run.attempt, random_);
  finished.is_final = false;
  finished.retry_in = wait;
  finished.next_run_at = next_run_at(*roster_.find(run.task));
  emit(std::move(finished));
  release_place(run);
  ++run.attempt;
  run.ending.reset();
  run.phase = Phase::backing_off;
  run.timer = boot_timers_.arm(now_.boot + wait, {Owner::Kind::run, run.index});
}

// The run's final line; its hook follows.
void Engine::finish(Run& run, RunFinished finished) {
  Task& task = *roster_.find(run.task);
  count(finished.outcome);
  if (std::holds_alternative<Delay>(task.spec->schedule) && task.runs.size() == 1) arm_due(task);
  finished.next_run_at = next_run_at(task);
  run.outcome = finished.outcome;
  emit(std::move(finished));
  const HookKind kind = run.outcome == Outcome::success ? HookKind::on_success : HookKind::on_failure;
  if (!hook_of(*run.spec->policy, kind)) return run_done(run);
  run.hook = kind;
  if (run.holds_place) return start_process(run);
  enqueue(run);
}

void Engine::hook_ended(Run& run, AttemptReport report) {
  const TaskRef task = ref(run).task;
  if (!report.survivors.empty()) emit(ContainmentFailed{task, run.hook, report.survivors});
  HookFinished finished;
  finished.task = task;
  finished.hook = *run.hook;
  if (run.outcome) finished.scheduled_at = run.due.wall;
  finished.started_at = run.started_at;
  finished.duration = now_.mono - run.started;
  finished.outcome = outcome_of(run, report, {0});
  finished.killed_by = killed_by(run, report);
  finished.error = error_of(report);
  finished.report = std::move(report);
  emit(std::move(finished));
  run_done(run);
}

void Engine::run_done(Run& run) {
  Task& task = *roster_.find(run.task);
  free_run(run);
  Run* behind = unbegun_run(task);
  if (behind != nullptr && behind->phase == Phase::queued && !has_alive_run(task)) put_off(*behind);
  arm_delay_if_idle(task);
  catch_up(task);
  if (task.runs.empty() && (stopping_ || task.is_removing)) wind_up(task);
}

// The last step of a task: its on_stop hook, then its end.
void Engine::wind_up(Task& task) {
  const TaskPolicy& policy = *task.spec->policy;
  if (!std::exchange(task.has_wound_up, true) && policy.enabled && policy.on_stop) {
    Run& run = make_run(task, Trigger::manual, {now_.boot, now_.wall});
    run.hook = HookKind::on_stop;
    return enqueue(run);
  }
  if (stopping_) --tasks_left_;
  if (!task.is_removing) return;
  emit(TaskRemoved{ref(task)});
  forget(*task.spec);
  roster_.remove(task.key);
}

void Engine::release_place(Run& run) {
  if (!std::exchange(run.holds_place, false)) return;
  admission_.release(run.pool, [this](const Admission::Ticket& ticket) { return is_waiting(ticket); });
}

}  // namespace taskrun::engine
