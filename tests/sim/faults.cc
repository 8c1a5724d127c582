// What can happen to a runner and its machine.

#include <algorithm>

#include "world.h"

namespace taskrun::sim {

using namespace std::chrono_literals;

namespace {

Schedule schedule_in_force(const TaskSpec& spec) {
  return spec.policy->enabled ? spec.schedule : Schedule(OnRequest{});
}

}  // namespace

// Runners. -----------------------------------------------------------------------------------------------------------

void World::begin_runner() {
  trace("a runner begins");
  settings_ = {kPlaces, {{"db", kPoolPlaces}}, kStopTimeout, random_.below(1'000'000)};
  engine_ = std::make_unique<engine::Engine>(settings_, now_);
  is_stopping_ = has_stopped_ = said_goodbye_ = false;
  runs_.clear();
  asked_for_.clear();
  live_.clear();
  ticks_.clear();
  begun_.clear();
  last_alive_.clear();
  withdrawn_.clear();
  backlog_ = daemon::Backlog();
  // Every task's mark is on disk before any of them starts, so the ledgers begin together too.
  std::vector<std::pair<TaskSpecPtr, std::optional<DueMark>>> tasks;
  for (const auto& [name, spec] : wanted_) tasks.emplace_back(spec, mark_of(name));
  std::erase_if(ledgers_, [this](const auto& entry) { return !wanted_.contains(entry.first); });
  // What no task says again, nobody has any longer.
  for (const auto& [name, mark] : disk_.saved) carry_out(engine::Remember{name, std::nullopt});
  const bool is_exact = !disk_.is_behind;
  for (const auto& [spec, mark] : tasks) add(spec, mark, is_exact);
}

std::optional<DueMark> World::mark_of(const std::string& task) const {
  const auto kept = disk_.saved.find(task);
  return keeps_record_ && kept != disk_.saved.end() ? std::optional(kept->second) : std::nullopt;
}

void World::add(const TaskSpecPtr& spec, const std::optional<DueMark>& mark, bool is_exact) {
  if (engine_->tasks().find(spec->name) == nullptr) {
    ledgers_[spec->name].begin(spec->name, schedule_in_force(*spec), mark, is_exact, now_.wall);
    begin_ticks(*spec);
  }
  apply(engine::AddTask{spec, 1, mark});
}

void World::stop_runner() {
  trace("the runner is told to stop");
  for (auto& [name, ledger] : ledgers_) ledger.look(now_.wall);
  for (auto& [name, ticks] : ticks_) count_ticks(name);
  is_stopping_ = true;
  const BootTime told = now_.boot;
  apply(engine::StopRunner{"SIGTERM"});
  for (auto& [name, ledger] : ledgers_) ledger.end();
  const Nanos killed = kGrace + 1s;
  const Nanos hook = kHookTimeout + killed;
  const Nanos bound = kStopTimeout + killed + hook + static_cast<Nanos::rep>(wanted_.size() + 1) * hook + 1s;
  while (!has_stopped_) {
    step();
    if (now_.boot - told > bound) throw Broken{"the stop takes too long"};
    if (chance(2)) apply(engine::StopRunner{"SIGTERM", true});
  }
  if (!alive_.empty()) throw Broken{"processes are left after the stop"};
  for (const auto& [run, is_closed] : runs_) {
    if (!is_closed) throw Broken{"a run has no final line: " + run.text()};
  }
  for (auto& [name, ledger] : ledgers_) ledger.settle();
  engine_.reset();
}

// Its keeper ends its processes with it.
void World::crash() {
  trace("the runner is killed");
  alive_.clear();
  held_.clear();
  news_.clear();
  for (auto& [name, ledger] : ledgers_) {
    ledger.end();
    ledger.died();
  }
  engine_.reset();
}

// Faults. ------------------------------------------------------------------------------------------------------------

void World::fault() {
  switch (random_.below(12)) {
    case 0:
    case 1: return set_clock();
    case 2: {
      trace("the machine sleeps");
      const Nanos nap = random_.between(1min, 8h);
      advance(nap);
      now_.mono -= nap;
      return;
    }
    case 3: trace("the runner is held up"); return advance(random_.between(100ms, chance(20) ? Nanos(1h) : Nanos(20s)));
    case 4:
      disk_.fails = !disk_.fails && keeps_record_;
      return trace(disk_.fails ? "the disk fails" : "the disk works");
    case 5:
      if (chance(50)) {
        crash();
      } else {
        stop_runner();
      }
      advance(chance(30) ? Nanos(0) : random_.between(1ms, chance(20) ? Nanos(6h) : Nanos(3min)));
      if (chance(20)) set_clock();
      if (chance(30)) wanted_.erase(random_name(random_));
      if (chance(40)) {
        const std::string name = random_name(random_);
        wanted_[name] = random_task(name, now_.wall, random_);
      }
      return begin_runner();
    default: return request();
  }
}

void World::set_clock() {
  const Nanos by = chance(4)
                       ? Nanos(random_.one_of({-9000h, 720h}))
                       : random_.one_of<Nanos>({1s, -1s, 30s, -30s, 10min, -10min, 2h, -2h, 23h, -23h, 25h, -25h});
  trace("the clock is set by " + std::to_string(by / 1s) + " s");
  now_.wall += by;
  highest_ = std::max(highest_, now_.wall);
  if (engine_ == nullptr) return;
  if (by < 0s) {
    for (auto& [name, ledger] : ledgers_) ledger.set_back(now_.wall);
  }
  apply(engine::TimePassed{});
}

void World::request() {
  const std::string name = random_name(random_);
  const engine::Task* task = engine_->tasks().find(name);
  if (task == nullptr) {
    wanted_[name] = random_task(name, now_.wall, random_);
    return add(wanted_[name], std::nullopt, true);
  }
  const TaskKey key = task->key;
  switch (random_.below(10)) {
    case 0: return apply(engine::PauseTask{key});
    case 1:
    case 2: return apply(engine::ResumeTask{key});
    case 3:
    case 4: return apply(engine::TriggerTask{key, 2});
    case 5:
      wanted_.erase(name);
      ledgers_[name].look(now_.wall);
      ledgers_[name].end();
      count_ticks(name);
      return apply(engine::RemoveTask{key, chance(50)});
    case 6:
    case 7: return change(*task);
    case 8: return change_settings();
    default: return apply(engine::CancelRun{last_run_});
  }
}

// What a reload does for a task whose definition is another one, to one that goes, nothing.
void World::change(const engine::Task& task) {
  const TaskKey key = task.key;
  const TaskSpecPtr before = task.spec;
  if (task.is_removing) return apply(engine::ChangeTask{key, changed_task(*before, now_.wall, random_)});
  const TaskSpecPtr after = changed_task(*before, now_.wall, random_);
  trace(after->name + (before->schedule == after->schedule ? " is changed" : " has another schedule"));
  wanted_[after->name] = after;
  live_.at(key).push_back({now_.boot, after});
  const bool keeps_phase = before->schedule == after->schedule && before->policy->enabled == after->policy->enabled;
  if (!keeps_phase) {
    book_of(after->name).change(schedule_in_force(*after), now_.wall);
    begin_ticks(*after);
  }
  changed_ = before;
  apply(engine::ChangeTask{key, after});
  changed_ = nullptr;
}

void World::change_settings() {
  settings_.max_parallel = static_cast<int>(1 + random_.below(2 * kPlaces));
  settings_.pools = {{"db", static_cast<int>(1 + random_.below(2 * kPoolPlaces))}};
  trace("the places are others");
  apply(engine::ChangeSettings{settings_});
}

}  // namespace taskrun::sim
