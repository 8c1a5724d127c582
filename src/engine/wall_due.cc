// Due times on the wall clock, which may be set: forward over due times that then nobody could meet, or back to due
// times that were met already. So a task remembers until where its due times have been answered, run or recorded; what
// lies behind this mark when the clock is looked at has passed, however that came about: a second ago, while the
// machine slept, while the runner was stopped or was not there, or because somebody set the clock.

#include <algorithm>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "engine/engine.h"
#include "schedule/schedule.h"

namespace taskrun::engine {

namespace {

bool is_on_wall(const Schedule& schedule) {
  return std::holds_alternative<Cron>(schedule) || std::holds_alternative<At>(schedule);
}

bool has_wall_due_times(const TaskSpec& spec) { return spec.policy->enabled && is_on_wall(spec.schedule); }

// One far ahead of the clock was made while that was wrong.
bool is_believed(const DueMark& mark, WallTime now) { return mark.answered <= now + limits::kClockWasWrong; }

// What `ask` answers of a schedule on the wall clock.
template <class Ask>
auto asked(const Schedule& schedule, Ask ask) {
  const auto* cron = std::get_if<Cron>(&schedule);
  return cron != nullptr ? ask(*cron) : ask(std::get<At>(schedule));
}

std::size_t most_to_catch_up(const TaskPolicy& policy) {
  switch (policy.catch_up) {
    case CatchUp::none: return 0;
    case CatchUp::latest: return 1;
    case CatchUp::all: return static_cast<std::size_t>(policy.catch_up_limit);
  }
  __builtin_unreachable();
}

}  // namespace

void Engine::begin_wall(Task& task, const std::optional<DueMark>& mark) {
  if (!has_wall_due_times(*task.spec)) return;
  task.wall_answered = now_.wall;
  if (mark && is_believed(*mark, now_.wall)) {
    task.wall_answered = mark->answered;
    task.owed = mark->owed;
  }
  note(task);
  arm_wall(task);
}

void Engine::arm_wall(Task& task) {
  wall_timers_.cancel(task.wall_timer);
  if (stopping_ || task.is_removing || !has_wall_due_times(*task.spec)) return;
  const WallTime after = std::max(task.wall_answered, now_.wall);
  const auto next = asked(task.spec->schedule, [&](const auto& schedule) { return next_due(schedule, after); });
  if (!next) return;
  task.next_wall_due = *next;
  task.wall_timer = wall_timers_.arm(*next, task.key.id);
}

// What passed before the task was added passed while no runner was there: that is never merely late.
void Engine::meet_missed(Task& task) {
  if (!has_wall_due_times(*task.spec)) return;
  pass_over(task, Nanos::zero());
  miss(task, {});
}

// Answers the due times since the mark. The last of them is still run for itself where it is no later than `lateness`;
// of the rest, and of a later one, catch_up decides. Who wants all gets them in their order.
void Engine::pass_over(Task& task, Nanos lateness) {
  WallDueTimes passed{};
  if (task.wall_answered < now_.wall) {
    passed = asked(task.spec->schedule,
                   [&](const auto& schedule) { return due_between(schedule, task.wall_answered, now_.wall); });
  }
  if (passed.count > 0) task.wall_answered = passed.last;
  arm_wall(task);
  if (passed.count == 0) return;
  note(task);
  const auto count = static_cast<std::uint64_t>(passed.count);
  if (task.is_paused) return skip(task, Trigger::schedule, passed.first, SkipReason::paused, count);
  const bool wants_all = count > 1 && task.spec->policy->catch_up == CatchUp::all;
  if (now_.wall - passed.last > lateness || wants_all) return miss(task, passed);
  if (count > 1) skip(task, Trigger::schedule, passed.first, SkipReason::missed, count - 1);
  answer(task, kept(passed.last));
}

void Engine::miss(Task& task, const WallDueTimes& passed) {
  owe(task, passed);
  catch_up(task);
}

// Keeps as many of the missed due times, the newest, as the task wants; the others are one line.
void Engine::owe(Task& task, const WallDueTimes& passed) {
  std::vector<WallTime>& owed = task.owed;
  const std::size_t most = most_to_catch_up(*task.spec->policy);
  const auto count = owed.size() + static_cast<std::uint64_t>(passed.count);
  const WallTime first = owed.empty() ? passed.first : owed.front();
  if (passed.count > 0 && most > 0) {
    const auto newest = asked(task.spec->schedule, [&](const auto& schedule) {
      return latest_due(schedule, passed.first - Nanos(1), passed.last, most);
    });
    owed.insert(owed.end(), newest.begin(), newest.end());
  }
  if (owed.size() > most) owed.erase(owed.begin(), owed.end() - static_cast<std::ptrdiff_t>(most));
  if (count > owed.size()) skip(task, Trigger::schedule, first, SkipReason::missed, count - owed.size());
}

// It lies before all that has come since, unless the clock was set back meanwhile: what was answered is not due again.
void Engine::on(const MarkFound& input) {
  Task* task = roster_.find(input.task);
  if (task == nullptr || task->is_removing || stopping_ || !has_wall_due_times(*task->spec)) return;
  if (!is_believed(input.mark, now_.wall)) return;
  if (input.mark.answered > task->wall_answered) {
    task->wall_answered = input.mark.answered;
    arm_wall(*task);
  }
  const std::vector<WallTime> newer = std::exchange(task->owed, input.mark.owed);
  WallDueTimes passed{};
  if (input.mark.answered < input.until) {
    passed = asked(task->spec->schedule,
                   [&](const auto& schedule) { return due_between(schedule, input.mark.answered, input.until); });
  }
  owe(*task, passed);
  task->owed.insert(task->owed.end(), newer.begin(), newer.end());
  note(*task);
  miss(*task, {});
}

// One after another: the next one when nothing of the task is left of the one before.
void Engine::catch_up(Task& task) {
  if (task.owed.empty() || !task.runs.empty() || task.is_paused || task.is_removing || stopping_) return;
  Run& run = make_run(task, Trigger::catch_up, kept(task.owed.front()));
  task.owed.erase(task.owed.begin());
  put_off(run);
}

void Engine::give_up_owed(Task& task, SkipReason reason) {
  if (task.owed.empty()) return;
  skip(task, Trigger::catch_up, task.owed.front(), reason, task.owed.size());
  task.owed.clear();
  note(task);
}

// The clock was set back. What was answered stays answered, unless the clock had been far wrong: then a task would be
// silent until it shows those times again. Then what is still owed of them comes by itself. Also of one whose present
// schedule is on another clock: it may be given its old one back.
void Engine::put_back_marks() {
  roster_.for_each([this](Task& task) {
    if (task.wall_answered <= now_.wall + limits::kClockWasWrong) return;
    task.wall_answered = now_.wall;
    std::erase_if(task.owed, [this](WallTime due) { return due > now_.wall; });
    note(task);
    arm_wall(task);
  });
}

// As of now on the boot-time clock: exact, so that no run seems to have started before its due time.
DueTime Engine::kept(WallTime due) const { return {now_.boot - std::max(now_.wall - due, Nanos::zero()), due, true}; }

// Marks. -------------------------------------------------------------------------------------------------------------

void Engine::note(Task& task) {
  if (!std::exchange(task.is_noted, true)) noted_.push_back(task.key);
}

// What has not begun would be lost with the runner, so it is still owed; but not what lies behind a mark that was put
// back, for that comes by itself.
void Engine::remember_noted() {
  for (const TaskKey key : noted_) {
    Task* task = roster_.find(key);
    if (task == nullptr) continue;
    task->is_noted = false;
    if (!has_wall_due_times(*task->spec)) continue;  // any more, since it was changed
    DueMark mark{task->wall_answered, {}};
    for (const std::uint32_t index : task->runs) {
      const Run& run = runs_[index];
      const bool is_owed = run.due.is_kept && !run.has_begun() && run.due.wall <= mark.answered;
      if (is_owed) mark.owed.push_back(run.due.wall);
    }
    mark.owed.insert(mark.owed.end(), task->owed.begin(), task->owed.end());
    std::sort(mark.owed.begin(), mark.owed.end());
    actions_->emplace_back(Remember{task->spec->name, std::move(mark)});
  }
  noted_.clear();
}

void Engine::forget(const TaskSpec& spec) {
  if (is_on_wall(spec.schedule)) actions_->emplace_back(Remember{spec.name, std::nullopt});
}

}  // namespace taskrun::engine
