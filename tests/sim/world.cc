// Time: nothing happens between two events, so a day is as many steps as it has events.

#include "world.h"

#include <algorithm>
#include <utility>

namespace taskrun::sim {

using namespace std::chrono_literals;

namespace {

// Some days on which clocks change, in one zone or another.
WallTime first_day(Random& random) {
  const auto day = random.one_of(
      {std::chrono::sys_days(std::chrono::year(2026) / 3 / 8), std::chrono::sys_days(std::chrono::year(2026) / 3 / 29),
       std::chrono::sys_days(std::chrono::year(2026) / 4 / 5), std::chrono::sys_days(std::chrono::year(2026) / 10 / 4),
       std::chrono::sys_days(std::chrono::year(2026) / 10 / 25),
       std::chrono::sys_days(std::chrono::year(2026) / 11 / 1), std::chrono::sys_days(std::chrono::year(2028) / 2 / 29),
       std::chrono::sys_days(std::chrono::year(2026) / 6 / 15)});
  return WallTime(day) + random.between(-12h, 12h);
}

}  // namespace

World::World(const Plan& plan, std::ostream* trace)
    : plan_(plan),
      trace_(trace),
      random_(plan.seed),
      now_{BootTime(1h), MonoTime(1h), first_day(random_)},
      highest_(now_.wall),
      begin_(now_.boot) {
  for (std::size_t i = 0; i < plan_.tasks; ++i) {
    const TaskSpecPtr task = ordinary_task(i);
    wanted_[task->name] = task;
  }
  for (std::size_t i = 0; plan_.tasks == 0 && i < 6; ++i) {
    const std::string name = random_name(random_);
    wanted_[name] = random_task(name, now_.wall, random_);
  }
  keeps_record_ = plan_.has_faults && !chance(20);
  next_fault_ = now_.boot + (plan_.has_faults ? random_.between(1s, 1h) : plan_.length * 2);
}

Lived World::live() {
  begin_runner();
  while (now_.boot - begin_ < plan_.length) step();
  stop_runner();
  return lived_;
}

void World::step() {
  // Who waits for a timer gets it a little late.
  advance(until_something() + random_.between(0ns, 3ms));
  end_processes();
  begin_held();
  if (engine_ == nullptr) return;
  apply(engine::TimePassed{});
  note_alive();
  if (now_.boot < next_fault_ || is_stopping_) return;
  next_fault_ = now_.boot + random_.between(1s, 1h);
  fault();
}

void World::advance(Nanos by) {
  now_.boot += by;
  now_.mono += by;
  now_.wall += by;
  highest_ = std::max(highest_, now_.wall);
}

Nanos World::until_something() const {
  const engine::Deadlines next = engine_->next_deadlines(now_);
  Nanos wait = is_stopping_ ? Nanos(1h) : next_fault_ - now_.boot;
  if (!held_.empty()) wait = std::min(wait, Nanos(1s));
  if (next.wait) wait = std::min(wait, *next.wait);
  if (next.wall) wait = std::min(wait, *next.wall - now_.wall);
  for (const auto& [attempt, process] : alive_) wait = std::min(wait, process.ends - now_.mono);
  return std::max(wait, Nanos::zero());
}

void World::end_processes() {
  std::vector<AttemptId> ended;
  for (const auto& [attempt, process] : alive_) {
    if (process.ends <= now_.mono) ended.push_back(attempt);
  }
  for (const AttemptId attempt : ended) {
    AttemptReport report;
    report.pid = 1;
    report.exit.exit_code = chance(70) ? 0 : 1;
    alive_.erase(attempt);
    apply(engine::AttemptEnded{attempt, report});
    if (engine_ != nullptr && chance(3)) apply(engine::AttemptEnded{attempt, report});  // a late message says nothing
  }
}

// As the daemon does: what is to be remembered is on disk before anything else is carried out.
void World::apply(const engine::Input& input) {
  if (engine_ == nullptr) return;
  if (plan_.has_faults) {  // else each is asked when something is told of it
    for (auto& [name, ledger] : ledgers_) ledger.look(now_.wall);
  }
  std::vector<engine::Action> actions;
  engine_->apply(input, now_, actions);
  ++lived_.decisions;
  for (const engine::Action& action : actions) {
    if (const auto* change = std::get_if<engine::Remember>(&action)) carry_out(*change);
  }
  commit();
  for (const engine::Action& action : actions) {
    if (std::holds_alternative<engine::Remember>(action)) continue;
    std::visit([this](const auto& concrete) { carry_out(concrete); }, action);
  }
  check_processes();
  if (std::holds_alternative<engine::TimePassed>(input)) check_deadlines();  // a timeout waits to be told of time
  for (const engine::Input& news : std::exchange(news_, {})) apply(news);
}

void World::trace(const std::string& line) {
  if (trace_ != nullptr) *trace_ << format_utc(now_.wall) << "  " << line << '\n';
}

}  // namespace taskrun::sim
