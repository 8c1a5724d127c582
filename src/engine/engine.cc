// The engine's inputs and its clocks. When a task is due is in due.cc, on the wall clock in wall_due.cc; what becomes
// of a run is in task_state.cc.

#include "engine/engine.h"

#include <algorithm>
#include <cassert>

#include "base/limits.h"

namespace taskrun::engine {

namespace {

// A smaller change lies between two readings of the clocks.
constexpr Nanos kWallStep = std::chrono::milliseconds(1);

bool is_request(const Input& input) {
  return !std::holds_alternative<AttemptStarted>(input) && !std::holds_alternative<AttemptEnded>(input) &&
         !std::holds_alternative<TimePassed>(input);
}

// 0: nobody waits for an answer.
RequestId request_of(const Input& input) {
  return std::visit(
      [](const auto& concrete) -> RequestId {
        if constexpr (requires { concrete.request; }) return concrete.request;
        return 0;
      },
      input);
}

// Clients may still ask while what was told last goes to disk. The last event has been emitted: nothing changes, and
// nothing is told, any more.
decltype(Reply::answer) answer_after_stop(const Input& input) {
  if (std::holds_alternative<RemoveTask>(input)) return Accepted{};
  return std::holds_alternative<CancelRun>(input) ? Refusal::unknown_run : Refusal::stopping;
}

// A task that is no more; its id is one that no task has.
TaskRef without_definition(const std::string& name, std::size_t id) {
  return {std::make_shared<TaskSpec>(TaskSpec{name, {}, OnRequest{}, std::make_shared<TaskPolicy>()}),
          static_cast<TaskId>(id)};
}

}  // namespace

Engine::Engine(Settings settings, const Now& now)
    : settings_(std::move(settings)),
      now_(now),
      admission_(settings_.max_parallel, settings_.pools),
      run_ids_(settings_.seed),
      random_(settings_.seed ^ 0x9e3779b97f4a7c15U) {
  static_cast<void>(set_now(now));
}

void Engine::apply(const Input& input, const Now& now, std::vector<Action>& actions) {
  assert(now.boot >= now_.boot && now.mono >= now_.mono);
  actions_ = &actions;
  if (has_stopped_) {
    reply(request_of(input), answer_after_stop(input));
    actions_ = nullptr;
    return;
  }
  if (const Nanos step = set_now(now); std::chrono::abs(step) >= limits::kClockJump) clock_jumped(step);
  // What was due before a request came is answered before it.
  if (is_request(input)) look_at_timers();
  std::visit([this](const auto& concrete) { on(concrete); }, input);
  look_at_timers();  // before a start: it may be too late by now
  start_admitted();
  remember_noted();
  finish_stop_if_idle();
  actions_ = nullptr;
}

Deadlines Engine::next_deadlines(const Now& now) const {
  Deadlines next{std::nullopt, wall_timers_.next_deadline()};
  if (const auto boot = boot_timers_.next_deadline()) next.wait = *boot - now.boot;
  if (const auto mono = timeouts_.next_deadline()) {
    next.wait = std::min(next.wait.value_or(Nanos::max()), *mono - now.mono);
  }
  if (next.wait) next.wait = std::max(*next.wait, Nanos::zero());
  return next;
}

// Time. --------------------------------------------------------------------------------------------------------------

// A due time is known by its wall time, so it must be the same each time it is told. The clocks are read one after the
// other: what lies between two readings is no step of the wall clock. How far the wall clock stepped.
Nanos Engine::set_now(const Now& now) {
  now_ = now;
  const Nanos lack = now.wall.time_since_epoch() - now.boot.time_since_epoch();
  const Nanos step = lack - boot_to_wall_;
  if (std::chrono::abs(step) < kWallStep) return Nanos::zero();
  boot_to_wall_ = lack;
  return step;
}

// Forward, nothing is to be done but to look which due times were passed over. Back, what was answered stays answered.
void Engine::clock_jumped(Nanos by) {
  emit(ClockJumped{by});
  if (by < Nanos::zero()) put_back_marks();
}

// Only here: whoever tells that time has passed has told first of what had ended by then.
void Engine::on(const TimePassed&) {
  while (const auto run = timeouts_.pop_due(now_.mono)) stop_process(runs_[*run], KilledBy::timeout);
  look_at_timers();
}

void Engine::look_at_timers() {
  while (const auto task = wall_timers_.pop_due(now_.wall)) pass_over(roster_.at(*task), limits::kMissedAfter);
  while (const auto owner = boot_timers_.pop_due(now_.boot)) {
    switch (owner->kind) {
      case Owner::Kind::task: due_now(roster_.at(owner->index)); break;
      case Owner::Kind::run: run_timer(runs_[owner->index]); break;
      case Owner::Kind::runner: end_all_runs(false); break;
    }
  }
}

// Requests. ----------------------------------------------------------------------------------------------------------

void Engine::on(const AddTask& input) {
  if (stopping_) return reply(input.request, Refusal::stopping);
  Task* task = roster_.add(input.spec);
  if (task == nullptr) return reply(input.request, Refusal::name_taken);
  const TaskPolicy& policy = *task->spec->policy;
  const bool runs_now = policy.enabled && policy.run_at_start;
  // A fixed delay counts from the end of a run.
  if (!runs_now || !std::holds_alternative<Delay>(task->spec->schedule)) begin_schedule(*task);
  begin_wall(*task, input.mark);
  emit(TaskAdded{ref(*task), next_run_at(*task)});
  reply(input.request, task->key);
  if (runs_now) static_cast<void>(admit(*task, Trigger::start, {now_.boot, now_.wall}));
  meet_missed(*task);
}

// What begins anew owes nothing of what its old schedule missed.
void Engine::on(const ChangeTask& input) {
  Task* task = roster_.find(input.task);
  if (task == nullptr || task->is_removing || stopping_) return;
  const TaskSpecPtr before = roster_.change(*task, input.spec);
  const bool is_enabled = input.spec->policy->enabled;
  if (before->schedule == input.spec->schedule && before->policy->enabled == is_enabled) return;
  boot_timers_.cancel(task->due_timer);
  wall_timers_.cancel(task->wall_timer);
  forget(*before);
  // The clock may have been set back: what was answered is not due once more.
  const DueMark mark{std::max(task->wall_answered, now_.wall), task->owed};
  begin_schedule(*task);
  begin_wall(*task, mark);
  give_up_owed(*task, is_enabled ? SkipReason::missed : SkipReason::disabled);
}

void Engine::on(const ChangeSettings& input) {
  const std::uint64_t seed = settings_.seed;
  settings_ = input.settings;
  settings_.seed = seed;
  admission_.change(settings_.max_parallel, settings_.pools, [this](const auto& ticket) { return is_waiting(ticket); });
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
  catch_up(*task);
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
  if (const auto run = admit(*task, Trigger::manual, {now_.boot, now_.wall}); run) {
    runs_[task->runs.back()].env = input.env;
    reply(input.request, *run);
  } else {
    skip(*task, Trigger::manual, now_.wall, run.error());
    const bool is_gone = task->is_removing && !stopping_;
    reply(input.request, is_gone ? Refusal::unknown_task : to_refusal(run.error()));
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
  if (run == nullptr) return;
  run->is_up = true;
  runs_were_killed_ |= stopping_ && run->ending == KilledBy::stop && !run->hook;
  begin_time(*run);
  if (run->hook) return;
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

void Engine::on(const RunDied& input) {
  const Task* task = std::as_const(roster_).find(input.task);
  RunFinished finished;
  finished.run = {task != nullptr ? ref(*task) : without_definition(input.task, roster_.end_id()), input.id,
                  input.attempt, input.trigger, input.scheduled_at};
  finished.started_at = input.started_at;
  finished.duration = std::max(now_.wall - input.started_at, Nanos::zero());  // nobody saw its end: until now
  finished.outcome = Outcome::error;
  finished.error = "runner died";
  count(finished.outcome);
  emit(std::move(finished));
}

// Nothing new starts; what has not begun is recorded; what runs may finish until stop_timeout; each task's on_stop
// follows its last run.
void Engine::on(const StopRunner& input) {
  if (!std::exchange(stopping_, true)) {
    emit(RunnerStopping{input.cause});
    stop_timer_ = boot_timers_.arm(now_.boot + settings_.stop_timeout, {});
    tasks_left_ = roster_.size();
    roster_.for_each([this](Task& task) { let_go(task, false); });
    for (Run& run : runs_) {
      if (run.serial != 0 && run.hook && run.phase == Phase::stopping) kill_process(run);
    }
  }
  if (input.now) end_all_runs(true);
}

void Engine::end_all_runs(bool at_once) {
  boot_timers_.cancel(stop_timer_);
  for (Run& run : runs_) {
    if (run.serial == 0 || run.hook || !run.has_process()) continue;
    runs_were_killed_ |= run.is_up;
    if (at_once && run.phase != Phase::killing) {
      run.ending = run.ending.value_or(KilledBy::stop);
      kill_process(run);
    } else {
      end_run(run, KilledBy::stop);
    }
  }
}

void Engine::finish_stop_if_idle() {
  if (!stopping_ || tasks_left_ != 0 || live_runs_ != 0) return;
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

RunRef Engine::ref(const Run& run) const {
  return {{run.spec, run.task.id, run.task.generation},
          run.id,
          run.attempt,
          run.attempt > 1 ? Trigger::retry : run.trigger,
          run.due.wall};
}

void Engine::emit(Fact fact) { actions_->emplace_back(Emit{{now_.wall, std::move(fact)}}); }

void Engine::reply(RequestId request, decltype(Reply::answer) answer) {
  if (request != 0) actions_->emplace_back(Reply{request, answer});
}

Run* Engine::unbegun_run(const Task& task) {
  for (const std::uint32_t index : task.runs) {
    if (!runs_[index].has_begun()) return &runs_[index];
  }
  return nullptr;
}

bool Engine::has_alive_run(const Task& task) const {
  return std::any_of(task.runs.begin(), task.runs.end(), [this](std::uint32_t i) { return runs_[i].has_begun(); });
}

void Engine::count(Outcome outcome) {
  switch (outcome) {
    case Outcome::success: ++tally_.success; break;
    case Outcome::failure: ++tally_.failure; break;
    case Outcome::timeout: ++tally_.timeout; break;
    case Outcome::error: ++tally_.error; break;
    case Outcome::cancelled: ++tally_.cancelled; break;
  }
}

bool Engine::is_waiting(const Admission::Ticket& ticket) const {
  const Run& run = runs_[ticket.run];
  return run.serial == ticket.serial && run.phase == Phase::waiting;
}

RunFinished Engine::finished_now(const Run& run) const {
  RunFinished finished;
  finished.run = ref(run);
  finished.started_at = run.started_at;
  finished.duration = now_.mono - run.started;
  return finished;
}

}  // namespace taskrun::engine
