// When a task is due, and whether a due time or a request becomes a run.

#include <algorithm>
#include <vector>

#include "engine/engine.h"
#include "schedule/schedule.h"

namespace taskrun::engine {

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

// From now on. A fixed delay counts from the end of what still runs.
void Engine::begin_schedule(Task& task) {
  task.base = task.answered = now_.boot;
  if (std::holds_alternative<Delay>(task.spec->schedule)) return arm_delay_if_idle(task);
  arm_due(task);
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
      const auto others = static_cast<std::uint64_t>(passed.count - 1);
      skip(task, Trigger::schedule, wall_at(first), SkipReason::missed, others);
    }
  }
  task.answered = due;
  answer(task, {due, wall_at(due)});
}

void Engine::answer(Task& task, const DueTime& due) {
  const auto run = admit(task, Trigger::schedule, due);
  if (!run) skip(task, Trigger::schedule, due.wall, run.error());
}

// Makes the run that answers a due time or a request, or says why not.
tl::expected<RunId, SkipReason> Engine::admit(Task& task, Trigger trigger, const DueTime& due) {
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

void Engine::skip(Task& task, Trigger trigger, WallTime due, SkipReason reason, std::uint64_t count) {
  arm_delay_if_idle(task);
  tally_.skipped += count;
  const RunRef run{ref(task), run_ids_.make(now_.wall), 1, trigger, due};
  emit(RunSkipped{run, reason, count, next_run_at(task)});
}

std::optional<WallTime> Engine::next_run_at(const Task& task) const {
  if (task.wall_timer != TimerId{}) return task.next_wall_due;
  if (task.due_timer == TimerId{}) return std::nullopt;
  return wall_at(task.next_due);
}

}  // namespace taskrun::engine
