// What the engine answers, and what must hold of it.

#include <algorithm>
#include <tuple>

#include "engine/waits.h"
#include "report/event_codec.h"
#include "world.h"

namespace taskrun::sim {

using namespace std::chrono_literals;

// Processes. ---------------------------------------------------------------------------------------------------------

void World::carry_out(const engine::StartAttempt& start) {
  const TaskSpec& spec = *start.run.task.spec;
  must_be_live(start.run.task);
  if (is_stopping_) throw Broken{spec.name + ": an attempt begins during the stop"};
  const auto [run, is_new] = runs_.emplace(start.run.id, false);
  if (run->second) throw Broken{spec.name + ": a run goes on after its final line"};
  if (is_new != (start.run.attempt == 1)) throw Broken{spec.name + ": the attempts of a run are miscounted"};
  last_run_ = start.run.id;
  if (start.run.trigger == Trigger::start || start.run.trigger == Trigger::manual) asked_for_.insert(start.run.id);
  if (is_new && answers_due_time(start.run) && !std::holds_alternative<Every>(spec.schedule)) {
    Ledger& book = book_of(spec.name);
    if (!book.comes_again(start.run.scheduled_at, now_.wall)) must_be_on_disk(start.run);
    book.started(start.run.scheduled_at, highest_);
  }
  ++lived_.starts;
  check_places(spec.policy->pool);
  const bool is_alone = spec.policy->overlap != Overlap::parallel;
  begin_process(start.attempt, {spec.name, spec.policy->pool, false, is_new, is_alone, {}, false}, start.run);
}

void World::carry_out(const engine::StartHook& start) {
  const TaskSpec& spec = *start.run.task.spec;
  must_be_live(start.run.task);
  const bool holds_pool = start.hook != HookKind::on_stop;
  if (start.hook == HookKind::on_stop) check_places("");  // another hook may have the place of its run still
  const bool is_alone = spec.policy->overlap != Overlap::parallel;
  begin_process(start.attempt, {spec.name, holds_pool ? spec.policy->pool : "", true, false, is_alone, {}, false},
                start.run);
}

void World::begin_process(AttemptId attempt, Process process, const RunRef& run) {
  if (!plan_.has_faults || !chance(10)) return start_now(attempt, std::move(process));
  held_.emplace(attempt, Held{std::move(process), run});
}

// What was to end before it began; the engine is told of it later.
bool World::withdraw(AttemptId attempt) {
  const auto found = held_.find(attempt);
  if (found == held_.end()) return false;
  Held& held = found->second;
  if (held.process.is_hook) throw Broken{"a hook is withdrawn"};
  if (std::exchange(held.is_withdrawn, true)) return true;
  if (held.run.attempt == 1 && !held.process.is_hook) withdrawn_.insert(held.run.id);
  return true;
}

void World::carry_out(const engine::WithdrawAttempt& action) { withdraw(action.attempt); }

void World::begin_held() {
  if (held_.empty() || chance(50)) return;
  const AttemptId attempt = held_.begin()->first;
  Held held = std::move(held_.begin()->second);
  held_.erase(held_.begin());
  if (held.is_withdrawn) {
    AttemptReport report;
    report.start_failure = StartFailure{"ended before it could start", StartFailure::Kind::withdrawn};
    return apply(engine::AttemptEnded{attempt, report});
  }
  const engine::Task* task = engine_->tasks().find(held.process.task);
  if (!held.process.is_hook && (is_stopping_ || task == nullptr || task->is_removing)) {
    throw Broken{held.process.task + ": a process begins though its task goes"};
  }
  start_now(attempt, std::move(held.process));
  for (const engine::Input& news : std::exchange(news_, {})) apply(news);
}

void World::start_now(AttemptId attempt, Process process) {
  if (plan_.has_faults && chance(4)) {
    AttemptReport report;
    report.start_failure = StartFailure{"no", StartFailure::Kind::other};
    news_.push_back(engine::AttemptEnded{attempt, report});
    return;
  }
  const bool is_long = plan_.has_faults && chance(10);
  check_alone(process);
  process.ends = now_.mono + random_.between(10ms, is_long ? Nanos(2h) : Nanos(40s));
  process.ignores_stop = chance(30);
  if (!alive_.emplace(attempt, process).second) throw Broken{"an attempt begins twice"};
  news_.push_back(engine::AttemptStarted{attempt, 1});
}

void World::carry_out(const engine::StopAttempt& stop) {
  if (withdraw(stop.attempt)) return;
  const auto found = alive_.find(stop.attempt);
  if (found == alive_.end()) throw Broken{"a process that is not there gets a signal"};
  Process& process = found->second;
  if (!process.ignores_stop) process.ends = std::min(process.ends, now_.mono + random_.between(0ns, 2s));
}

void World::carry_out(const engine::KillAttempt& kill) {
  if (withdraw(kill.attempt)) return;
  const auto found = alive_.find(kill.attempt);
  if (found == alive_.end()) throw Broken{"a process that is not there is killed"};
  found->second.ends = std::min(found->second.ends, now_.mono + random_.between(0ns, 500ms));
}

// Facts. -------------------------------------------------------------------------------------------------------------

void World::carry_out(const engine::Emit& emit) {
  if (said_goodbye_) throw Broken{"something is told after the goodbye"};
  if (trace_ != nullptr) trace(report::to_json_line(emit.event, 1, "sim"));
  std::visit([this](const auto& fact) { told(fact); }, emit.event.fact);
}

template <class Other>
void World::told(const Other& fact) {
  if constexpr (requires { fact.run; }) must_be_live(fact.run.task);
  if constexpr (requires { fact.task.spec; }) must_be_live(fact.task);
}

void World::told(const RunStarted& fact) {
  must_be_live(fact.run.task);
  const TaskSpec& spec = *fact.run.task.spec;
  if (fact.lateness < 0ns) throw Broken{spec.name + ": started before its time"};
  const bool is_first = fact.run.attempt == 1 && answers_due_time(fact.run);
  const Nanos jitter = engine::jitter_wait(spec.policy->jitter, spec.name, fact.run.scheduled_at);
  if (is_first && fact.lateness < jitter) throw Broken{spec.name + ": started before its jitter was over"};
  if (fact.run.attempt == 1 && std::holds_alternative<OnRequest>(spec.schedule) && !asked_for_.contains(fact.run.id)) {
    throw Broken{spec.name + ": runs though nobody asked for it"};
  }
  check_overlap(fact);
  check_definition(fact);
  begun_.emplace(fact.run.id, spec.name);
}

void World::told(const RunFinished& fact) {
  must_be_live(fact.run.task);
  if (std::exchange(runs_[fact.run.id], fact.is_final)) throw Broken{"a run has two final lines"};
  if (withdrawn_.erase(fact.run.id) > 0 && fact.killed_by != KilledBy::cancel) {
    throw Broken{"a run that never began has ended"};
  }
  if (fact.is_final) {
    begun_.erase(fact.run.id);
  } else {
    begun_.emplace(fact.run.id, fact.run.task.spec->name);
  }
  if (fact.is_final && !plan_.has_faults) runs_.erase(fact.run.id);  // a year of them is too much
  if (!fact.is_final || !answers_due_time(fact.run)) return;
  const std::string& name = fact.run.task.spec->name;
  if (std::holds_alternative<Every>(fact.run.task.spec->schedule)) {
    ++ticks_.at(name).told;
  } else {
    book_of(name).finished(fact.run.scheduled_at);
  }
}

void World::told(const RunSkipped& fact) {
  must_be_live(fact.run.task);
  const bool is_withdrawn = withdrawn_.erase(fact.run.id) > 0;
  const auto [run, is_new] = runs_.emplace(fact.run.id, false);
  if (is_new == is_withdrawn || std::exchange(run->second, true))
    throw Broken{"a run that was skipped had been told of"};
  const bool goes = fact.reason == SkipReason::stopping || fact.reason == SkipReason::overlap;
  if (is_withdrawn && !goes) throw Broken{"a start was withdrawn for another reason"};
  if (!answers_due_time(fact.run)) return;
  lived_.skipped += fact.count;
  const std::string& name = fact.run.task.spec->name;
  if (std::holds_alternative<Every>(schedule_of(fact.run))) {
    ticks_.at(name).told += fact.count;
    return;
  }
  if (is_withdrawn) return book_of(name).finished(fact.run.scheduled_at);
  book_of(name).skipped(fact.run.scheduled_at, fact.count);
}

void World::told(const TaskAdded& fact) { live_[fact.task.key()].push_back({now_.boot, fact.task.spec}); }

void World::told(const TaskRemoved& fact) {
  must_be_live(fact.task);
  live_.erase(fact.task.key());
  const std::string& name = fact.task.spec->name;
  check_ticks(name);
  ticks_.erase(name);
  book_of(name).settle();
}

void World::told(const RunnerStopped&) {
  said_goodbye_ = true;
  while (!ticks_.empty()) {
    check_ticks(ticks_.begin()->first);
    ticks_.erase(ticks_.begin());
  }
}

void World::carry_out(const engine::Reply& reply) {
  if (const auto* run = std::get_if<RunId>(&reply.answer)) asked_for_.insert(*run);
}

void World::carry_out(const engine::Stopped&) { has_stopped_ = true; }

// The record. --------------------------------------------------------------------------------------------------------

void World::carry_out(const engine::Remember& change) {
  if (keeps_record_) backlog_.add({report::DueTimesKept{change.task, change.mark}}, now_.wall, false);
}

// As the daemon does: what could not be written is tried again with what came since.
void World::commit() {
  if (backlog_.is_empty()) return;
  daemon::Backlog::Batch batch = backlog_.take();
  disk_.is_behind = disk_.fails;
  if (disk_.fails) return backlog_.put_back(std::move(batch));
  for (const report::HistoryRecord& record : batch.records) {
    const auto& kept = std::get<report::DueTimesKept>(record);
    if (kept.mark) {
      disk_.saved.insert_or_assign(kept.task, *kept.mark);
    } else {
      disk_.saved.erase(kept.task);
    }
  }
}

// That its due time has been answered; but what was due by a schedule that is no more may have gone with that.
void World::must_be_on_disk(const RunRef& run) const {
  if (!keeps_record_ || disk_.is_behind) return;
  const std::string& name = run.task.spec->name;
  const auto kept = disk_.saved.find(name);
  if (kept == disk_.saved.end()) {
    if (live_.at(run.task.key()).back().spec == run.task.spec) throw Broken{name + ": has no mark on disk"};
    return;
  }
  const DueMark& mark = kept->second;
  const bool is_owed = std::find(mark.owed.begin(), mark.owed.end(), run.scheduled_at) != mark.owed.end();
  if (mark.answered < run.scheduled_at || is_owed) throw Broken{name + ": started before it is on disk"};
}

// What holds after every step. ---------------------------------------------------------------------------------------

// Where something is to start, there is a place for it; a reload that takes places away ends nothing.
void World::check_places(const std::string& pool) const {
  int taken = 0;
  int in_pool = 0;
  const auto count = [&](const Process& process) {
    ++taken;
    if (process.pool == "db") ++in_pool;
  };
  for (const auto& [attempt, process] : alive_) count(process);
  for (const auto& [attempt, held] : held_) count(held.process);
  if (taken >= settings_.max_parallel) throw Broken{"more runs than max_parallel"};
  if (pool == "db" && in_pool >= settings_.pools.front().second) throw Broken{"more runs than the pool has places"};
}

// A run that is not `parallel` begins alone. One that is, by another definition, may have begun beside it by the time
// of its retry or its hook.
void World::check_alone(const Process& process) const {
  for (const auto& [attempt, other] : alive_) {
    if (other.task != process.task || !process.is_alone) continue;
    if (process.is_first || other.is_alone) throw Broken{process.task + ": overlaps with itself"};
  }
}

void World::check_processes() const {
  for (const auto& [attempt, process] : alive_) {
    if (engine_->tasks().find(process.task) == nullptr) {
      throw Broken{process.task + ": removed while a process of it lives"};
    }
  }
}

void World::check_deadlines() const {
  const engine::Deadlines next = engine_->next_deadlines(now_);
  if (next.wait && *next.wait <= 0ns) throw Broken{"a deadline that has passed is still armed"};
  if (next.wall && *next.wall <= now_.wall) throw Broken{"a due time that has passed is still armed"};
}

// What is due while a run is alive is skipped under `overlap: skip`; it does not wait for its end. Asked of what is due
// on the boot clock, where lateness is exact; what is caught up was due before.
void World::check_overlap(const RunStarted& fact) const {
  const TaskSpec& spec = *fact.run.task.spec;
  const bool is_of_wall_clock =
      std::holds_alternative<Cron>(spec.schedule) || std::holds_alternative<At>(spec.schedule);
  const bool is_exact = !is_of_wall_clock || fact.run.trigger == Trigger::manual;
  if (spec.policy->overlap != Overlap::skip || fact.run.attempt != 1 || !is_exact) return;
  const auto alive = last_alive_.find(spec.name);
  if (alive != last_alive_.end() && now_.boot - fact.lateness <= alive->second) {
    throw Broken{spec.name + ": due while a run of it was alive, and not skipped"};
  }
}

// A run is what its task was when it was due. Asked of what is due on the boot clock, as above.
void World::check_definition(const RunStarted& fact) const {
  const TaskSpecPtr& spec = fact.run.task.spec;
  const bool is_on_wall = std::holds_alternative<Cron>(spec->schedule) || std::holds_alternative<At>(spec->schedule);
  if (fact.run.attempt != 1 || (is_on_wall && fact.run.trigger != Trigger::manual)) return;
  const BootTime due = now_.boot - fact.lateness;
  const std::vector<Definition>& all = live_.at(fact.run.task.key());
  for (auto definition = all.begin(); definition != all.end(); ++definition) {
    if (definition->spec != spec) continue;
    const auto next = std::next(definition);
    if (definition->since <= due && (next == all.end() || due <= next->since)) return;
  }
  throw Broken{spec->name + ": runs by a definition that was not in force when it was due"};
}

void World::note_alive() {
  for (const auto& [run, task] : begun_) last_alive_[task] = now_.boot;
}

Ledger& World::book_of(const std::string& task) {
  Ledger& ledger = ledgers_[task];
  ledger.look(now_.wall);
  return ledger;
}

// The task is on an interval from now on, or no longer.
void World::begin_ticks(const TaskSpec& spec) {
  Ticks& ticks = ticks_[spec.name];
  ticks.before = ticks_of(ticks);
  const auto* every = spec.policy->enabled ? std::get_if<Every>(&spec.schedule) : nullptr;
  ticks.base = now_.boot;
  ticks.period = every != nullptr ? every->period : Nanos::zero();
}

std::uint64_t World::ticks_of(const Ticks& ticks) const {
  if (ticks.period == Nanos::zero()) return ticks.before;
  return ticks.before + static_cast<std::uint64_t>((now_.boot - ticks.base) / ticks.period);
}

void World::count_ticks(const std::string& task) {
  const auto found = ticks_.find(task);
  if (found == ticks_.end() || found->second.due) return;
  found->second.due = ticks_of(found->second);
}

void World::check_ticks(const std::string& task) {
  const auto found = ticks_.find(task);
  if (found == ticks_.end() || found->second.told == found->second.due) return;
  throw Broken{task + ": its intervals were answered " + std::to_string(found->second.told) + " times, and came " +
               std::to_string(found->second.due.value_or(0)) + " times"};
}

void World::must_be_live(const TaskRef& task) const {
  if (!live_.contains(task.key())) throw Broken{task.spec->name + ": something of a task that was removed"};
}

// Not one that was asked for, nor the one at the start.
bool World::answers_due_time(const RunRef& run) const {
  const Schedule& schedule = schedule_of(run);
  if (std::holds_alternative<OnRequest>(schedule) || std::holds_alternative<Delay>(schedule)) return false;
  if (run.trigger == Trigger::start || run.trigger == Trigger::manual) return false;
  return !asked_for_.contains(run.id);
}

// By which it was due. What a change gives up was due by the definition before it.
const Schedule& World::schedule_of(const RunRef& run) const {
  const TaskSpecPtr& spec = run.task.spec;
  const bool is_changing = changed_ != nullptr && changed_->name == spec->name;
  const bool is_given_up = is_changing && live_.at(run.task.key()).back().spec == spec;
  return (is_given_up ? changed_ : spec)->schedule;
}

}  // namespace taskrun::sim
