// The engine's inputs and its due times. What becomes of a run is in task_state.cc.

#include "engine/engine.h"

#include <algorithm>
#include <cassert>

#include "schedule/schedule.h"

namespace taskrun::engine {

namespace {

// A smaller change is a reading that was interrupted, or a correction that nobody notices in a due time.
constexpr Nanos kWallStep = std::chrono::milliseconds(1);

}  // namespace

Engine::Engine(Settings settings, const Now& now)
    : settings_(std::move(settings)),
      now_(now),
      admission_(settings_.max_parallel, settings_.pools),
      run_ids_(settings_.seed),
      random_(settings_.seed ^ 0x9e3779b97f4a7c15U) {
  set_now(now);
}

void Engine::apply(const Input& input, const Now& now, std::vector<Action>& actions) {
  assert(now.boot >= now_.boot && now.mono >= now_.mono);
  set_now(now);
  actions_ = &actions;
  std::visit([this](const auto& concrete) { on(concrete); }, input);
  if (!std::holds_alternative<TimePassed>(input)) on(TimePassed{});  // before a start: it may be too late by now
  start_admitted();
  finish_stop_if_idle();
  actions_ = nullptr;
}

std::optional<Nanos> Engine::time_to_next(const Now& now) const {
  std::optional<Nanos> wait;
  if (const auto boot = boot_timers_.next_deadline()) wait = *boot - now.boot;
  if (const auto mono = timeouts_.next_deadline()) {
    wait = std::min(wait.value_or(Nanos::max()), *mono - now.mono);
  }
  if (wait) wait = std::max(*wait, Nanos::zero());
  return wait;
}

// Time. --------------------------------------------------------------------------------------------------------------

// A due time is known by its wall time, so it must be the same each time it is told. The clocks are read one after the
// other: what lies between two readings is no step of the wall clock.
void Engine::set_now(const Now& now) {
  now_ = now;
  const Nanos lack = now.wall.time_since_epoch() - now.boot.time_since_epoch();
  if (std::chrono::abs(lack - boot_to_wall_) >= kWallStep) boot_to_wall_ = lack;
}

void Engine::on(const TimePassed&) {
  while (const auto run = timeouts_.pop_due(now_.mono)) timed_out(runs_[*run]);
  while (const auto owner = boot_timers_.pop_due(now_.boot)) {
    switch (owner->kind) {
      case Owner::Kind::task: due_now(roster_.at(owner->index)); break;
      case Owner::Kind::run: run_timer(runs_[owner->index]); break;
      case Owner::Kind::runner: end_all_runs(false); break;
    }
  }
}

// Arms the task's next due time after the present moment; a fixed delay counts from now.
void Engine::arm_due(Task& task) {
  boot_timers_.cancel(task.due_timer);
  if (stopping_ || task.is_removing || !task.spec->policy->enabled) return;
  if (const auto* every = std::get_if<Every>(&task.spec->schedule)) {
    task.next_due = next_due(*every, task.base, std::max(task.answered, now_.boot));
  } else if (const auto* delay = std::get_if<Delay>(&task.spec->schedule)) {
    task.next_due = now_.boot + delay->wait;
  } else {
    return;
  }
  task.due_timer = boot_timers_.arm(task.next_due, {Owner::Kind::task, task.key.id});
}

// A fixed delay counts from the end of a run, or from a due time that no run answered.
void Engine::arm_delay_if_idle(Task& task) {
  const bool is_delay = std::holds_alternative<Delay>(task.spec->schedule);
  if (is_delay && task.due_timer == TimerId{} && task.runs.empty()) arm_due(task);
}

// One run answers however many due times have passed, so that a slow machine never bursts; the others are recorded.
void Engine::due_now(Task& task) {
  BootTime due = task.next_due;
  task.due_timer = TimerId{};
  if (const auto* every = std::get_if<Every>(&task.spec->schedule)) {
    const BootTime first = due;
    const DueTimes passed = due_between(*every, task.base, task.answered, now_.boot);
    due = passed.last;
    task.answered = due;
    arm_due(task);
    if (passed.count > 1) {
      skip(task, Trigger::schedule, first, SkipReason::missed, static_cast<std::uint64_t>(passed.count - 1));
    }
  }
  task.answered = due;
  if (const auto run = admit(task, Trigger::schedule, due); !run) skip(task, Trigger::schedule, due, run.error());
}

// Makes the run that answers a due time or a request, or says why not.
tl::expected<RunId, SkipReason> Engine::admit(Task& task, Trigger trigger, BootTime due) {
  if (const auto reason = refusal(task)) return tl::unexpected(*reason);
  const Overlap overlap = task.spec->policy->overlap;
  const bool behind = has_alive_run(task) && overlap != Overlap::parallel;
  Run& run = make_run(task, behind && overlap == Overlap::queue ? Trigger::queue : trigger, due);
  const RunId id = run.id;
  if (!behind) {
    put_off(run);
    return id;
  }
  wait_behind(run);
  if (overlap == Overlap::replace) {
    const std::vector<std::uint32_t> before = task.runs;
    for (const std::uint32_t index : before) {
      if (runs_[index].has_begun()) end_run(runs_[index], KilledBy::replace);
    }
  }
  return id;
}

std::optional<SkipReason> Engine::refusal(Task& task) {
  if (stopping_ || task.is_removing) return SkipReason::stopping;
  if (!task.spec->policy->enabled) return SkipReason::disabled;
  if (task.is_paused) return SkipReason::paused;
  const Overlap overlap = task.spec->policy->overlap;
  // At most one run of a task has not begun, which bounds memory however far the machine falls behind.
  if (Run* unbegun = unbegun_run(task); unbegun != nullptr) {
    if (overlap != Overlap::replace || unbegun->phase != Phase::queued) {
      return unbegun->phase == Phase::waiting ? SkipReason::pool : SkipReason::overlap;
    }
    skip_run(*unbegun, SkipReason::overlap);  // the newer due time replaces it
  }
  if (overlap == Overlap::skip && has_alive_run(task)) return SkipReason::overlap;
  return std::nullopt;
}

void Engine::skip(Task& task, Trigger trigger, BootTime due, SkipReason reason, std::uint64_t count) {
  arm_delay_if_idle(task);
  tally_.skipped += count;
  const RunRef run{ref(task), run_ids_.make(now_.wall), 1, trigger, wall_at(due)};
  emit(RunSkipped{run, reason, count, next_run_at(task)});
}

// Requests. ----------------------------------------------------------------------------------------------------------

void Engine::on(const AddTask& input) {
  if (stopping_) return reply(input.request, Refusal::stopping);
  Task* task = roster_.add(input.spec);
  if (task == nullptr) return reply(input.request, Refusal::name_taken);
  task->base = task->answered = now_.boot;
  arm_due(*task);
  emit(TaskAdded{ref(*task), next_run_at(*task)});
  reply(input.request, task->key);
  const TaskPolicy& policy = *task->spec->policy;
  if (policy.enabled && policy.run_at_start) static_cast<void>(admit(*task, Trigger::start, now_.boot));
}

void Engine::on(const RemoveTask& input) {
  reply(input.request, Accepted{});
  Task* task = roster_.find(input.task);
  if (task == nullptr) return;
  task->is_removing = true;
  let_go(*task, input.stop);
}

void Engine::on(const PauseTask& input) {
  Task* task = roster_.find(input.task);
  if (task == nullptr) return reply(input.request, Refusal::unknown_task);
  if (!std::exchange(task->is_paused, true)) emit(TaskPaused{ref(*task)});
  reply(input.request, Accepted{});
}

void Engine::on(const ResumeTask& input) {
  Task* task = roster_.find(input.task);
  if (task == nullptr) return reply(input.request, Refusal::unknown_task);
  if (std::exchange(task->is_paused, false)) emit(TaskResumed{ref(*task)});
  reply(input.request, Accepted{});
}

namespace {

Refusal to_refusal(SkipReason reason) {
  switch (reason) {
    case SkipReason::overlap: return Refusal::overlap;
    case SkipReason::paused: return Refusal::paused;
    case SkipReason::pool: return Refusal::pool;
    case SkipReason::disabled: return Refusal::disabled;
    case SkipReason::missed:
    case SkipReason::late:
    case SkipReason::stopping: return Refusal::stopping;
  }
  __builtin_unreachable();
}

}  // namespace

void Engine::on(const TriggerTask& input) {
  Task* task = roster_.find(input.task);
  if (task == nullptr) return reply(input.request, Refusal::unknown_task);
  if (const auto run = admit(*task, Trigger::manual, now_.boot); run) {
    reply(input.request, *run);
  } else {
    skip(*task, Trigger::manual, now_.boot, run.error());
    reply(input.request, to_refusal(run.error()));
  }
}

void Engine::on(const CancelRun& input) {
  const auto found = std::find_if(runs_.begin(), runs_.end(),
                                  [&](const Run& run) { return run.serial != 0 && run.id == input.run && !run.hook; });
  if (found == runs_.end()) return reply(input.request, Refusal::unknown_run);
  end_run(*found, KilledBy::cancel);
  reply(input.request, Accepted{});
}

void Engine::on(const AttemptStarted& input) {
  Run* run = run_of(input.attempt);
  if (run == nullptr || run->hook) return;
  emit(RunStarted{ref(*run), now_.boot - run->attempt_due, input.pid});
}

void Engine::on(const AttemptEnded& input) {
  Run* run = run_of(input.attempt);
  if (run == nullptr) return;
  boot_timers_.cancel(run->timer);
  timeouts_.cancel(run->timeout_timer);
  if (run->hook) {
    hook_ended(*run, input.report);
  } else {
    attempt_ended(*run, input.report);
  }
}

// Nothing new starts; what has not begun is recorded; what runs may finish until stop_timeout; each task's on_stop
// follows its last run.
void Engine::on(const StopRunner& input) {
  if (!std::exchange(stopping_, true)) {
    emit(RunnerStopping{input.cause});
    stop_timer_ = boot_timers_.arm(now_.boot + settings_.stop_timeout, {});
    tasks_left_ = roster_.size();
    roster_.for_each([this](Task& task) { let_go(task, false); });
  }
  if (input.now) end_all_runs(true);
}

void Engine::end_all_runs(bool at_once) {
  boot_timers_.cancel(stop_timer_);
  for (Run& run : runs_) {
    if (run.serial == 0 || run.hook || !run.has_process()) continue;
    runs_were_killed_ = true;
    if (at_once && run.phase != Phase::killing) {
      run.ending = run.ending.value_or(KilledBy::stop);
      kill_process(run);
    } else {
      end_run(run, KilledBy::stop);
    }
  }
}

void Engine::finish_stop_if_idle() {
  if (!stopping_ || has_stopped_ || tasks_left_ != 0 || live_runs_ != 0) return;
  has_stopped_ = true;
  boot_timers_.cancel(stop_timer_);
  emit(tally_);
  actions_->emplace_back(Stopped{runs_were_killed_});
}

// Small answers. -----------------------------------------------------------------------------------------------------

Run* Engine::run_of(AttemptId attempt) {
  const auto index = static_cast<std::uint32_t>(static_cast<std::uint64_t>(attempt));
  if (index >= runs_.size()) return nullptr;
  Run& run = runs_[index];
  return run.serial != 0 && run.has_process() && run.process == attempt ? &run : nullptr;
}

std::optional<WallTime> Engine::next_run_at(const Task& task) const {
  if (task.due_timer == TimerId{}) return std::nullopt;
  return wall_at(task.next_due);
}

RunRef Engine::ref(const Run& run) const {
  return {
      {run.spec, run.task.id}, run.id, run.attempt, run.attempt > 1 ? Trigger::retry : run.trigger, run.scheduled_at};
}

void Engine::emit(Fact fact) { actions_->emplace_back(Emit{{now_.wall, std::move(fact)}}); }

void Engine::reply(RequestId request, decltype(Reply::answer) answer) {
  if (request != 0) actions_->emplace_back(Reply{request, answer});
}

}  // namespace taskrun::engine
