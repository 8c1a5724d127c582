// The engine under random tasks, processes and requests, by seed: whatever comes, its promises hold after every step.

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/engine.h"

using namespace taskrun;
using namespace taskrun::engine;
using namespace std::chrono_literals;

namespace {

constexpr int kPlaces = 4;
constexpr int kPoolPlaces = 2;

// A made-up world that keeps books of what the engine does.
class World {
 public:
  explicit World(unsigned seed) : random_(seed), engine_(settings(seed), now_) {}

  void live(int steps) {
    for (int i = 0; i < 6; ++i) add();
    for (int i = 0; i < steps; ++i) step();
    apply(StopRunner{"test"});
    for (int i = 0; i < 2000 && !stopped_; ++i) step();
    CHECK(stopped_);
    CHECK(alive_.empty());
    for (const auto& [run, state] : runs_) CHECK(state == RunState::closed);
  }

 private:
  enum class RunState { open, closed };
  struct Process {
    std::string task;
    std::string pool;
    bool is_hook;
    bool was_stopped = false;
  };

  static Settings settings(unsigned seed) { return {kPlaces, {{"db", kPoolPlaces}}, 5s, seed}; }
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  bool chance(unsigned percent) { return pick(100) < percent; }

  void step() {
    switch (pick(10)) {
      case 0: advance(Nanos(pick(20'000)) * 1'000'000); break;
      case 1:
      case 2:
      case 3: advance(Nanos(pick(700)) * 1'000'000); break;
      case 4: request(); break;
      default: end_one(); break;
    }
  }
  void advance(Nanos by) {
    now_.boot += by;
    now_.wall += by + (chance(3) ? Nanos(1h) : Nanos(0));  // the wall clock steps now and then
    if (!chance(5)) now_.mono += by;                       // and the machine sleeps
    apply(TimePassed{});
  }
  void end_one() {
    if (alive_.empty()) return;
    auto victim = alive_.begin();
    std::advance(victim, pick(static_cast<unsigned>(alive_.size())));
    AttemptReport report;
    report.exit.exit_code = chance(50) ? 0 : 1;
    const AttemptId attempt = victim->first;
    alive_.erase(victim);
    apply(AttemptEnded{attempt, report});
    if (chance(10)) apply(AttemptEnded{attempt, report});  // a late message says nothing
  }
  void add() {
    TaskPolicy policy;
    policy.overlap = static_cast<Overlap>(pick(4));
    policy.run_at_start = chance(20);
    policy.pool = chance(40) ? "db" : "";
    policy.jitter = chance(20) ? Nanos(500ms) : Nanos(0);
    policy.retry.attempts = chance(40) ? 3 : 1;
    policy.timeout = 3s;
    policy.grace = 1s;
    if (chance(20)) policy.start_deadline = 2s;
    if (chance(30)) policy.on_failure = Hook{ShellText{"f"}, 2s, {}};
    if (chance(30)) policy.on_stop = Hook{ShellText{"s"}, 2s, {}};
    const Schedule schedule = chance(60) ? Schedule(Every{Nanos(100 + pick(3000)) * 1'000'000})
                                         : Schedule(Delay{Nanos(100 + pick(2000)) * 1'000'000});
    const std::string name = "t" + std::to_string(pick(8));
    apply(AddTask{
        std::make_shared<TaskSpec>(TaskSpec{name, ShellText{"x"}, schedule, std::make_shared<TaskPolicy>(policy)})});
  }
  void request() {
    const Task* task = engine_.find("t" + std::to_string(pick(8)));
    if (task == nullptr) return add();
    const TaskKey key = task->key;
    switch (pick(6)) {
      case 0: apply(PauseTask{key}); break;
      case 1: apply(ResumeTask{key}); break;
      case 2:
      case 3: apply(TriggerTask{key}); break;
      case 4: apply(RemoveTask{key, chance(50)}); break;
      case 5: apply(CancelRun{last_run_}); break;
    }
  }

  void apply(const Input& input) {
    std::vector<Action> actions;
    engine_.apply(input, now_, actions);
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const Action action = actions[i];
      if (const auto* start = std::get_if<StartAttempt>(&action)) began(*start, actions);
      if (const auto* hook = std::get_if<StartHook>(&action)) began(*hook, actions);
      if (const auto* stop = std::get_if<StopAttempt>(&action)) CHECK(alive_.contains(stop->attempt));
      if (const auto* kill = std::get_if<KillAttempt>(&action)) CHECK(alive_.contains(kill->attempt));
      if (const auto* emit = std::get_if<Emit>(&action)) told(emit->event.fact);
      if (std::holds_alternative<Stopped>(action)) stopped_ = true;
    }
    check_limits();
    if (const auto wait = engine_.time_to_next(now_)) CHECK(*wait >= 0ns);
  }
  void began(const StartAttempt& start, std::vector<Action>& actions) {
    const TaskSpec& spec = *start.run.task.spec;
    CHECK(start.run.scheduled_at <= now_.wall);  // never early (the clock only steps forward here)
    CHECK_FALSE(runs_[start.run.id] == RunState::closed);
    runs_[start.run.id] = RunState::open;
    last_run_ = start.run.id;
    begin(start.attempt, {spec.name, spec.policy->pool, false}, actions);
    if (spec.policy->overlap != Overlap::parallel) CHECK(alive_of(spec.name) <= 1);
  }
  void began(const StartHook& hook, std::vector<Action>& actions) {
    const bool holds_pool = hook.hook != HookKind::on_stop;
    begin(hook.attempt, {hook.run.task.spec->name, holds_pool ? hook.run.task.spec->policy->pool : "", true}, actions);
  }
  void begin(AttemptId attempt, Process process, std::vector<Action>& actions) {
    if (chance(10)) {
      AttemptReport report;
      report.start_failure = StartFailure{"no", StartFailure::Kind::other};
      engine_.apply(AttemptEnded{attempt, report}, now_, actions);
      return;
    }
    CHECK(alive_.emplace(attempt, std::move(process)).second);
    engine_.apply(AttemptStarted{attempt, 1}, now_, actions);
  }
  void told(const Fact& fact) {
    CHECK_FALSE(said_goodbye_);
    if (const auto* finished = std::get_if<RunFinished>(&fact)) {
      CHECK_FALSE(runs_[finished->run.id] == RunState::closed);
      runs_[finished->run.id] = finished->is_final ? RunState::closed : RunState::open;
    } else if (const auto* skipped = std::get_if<RunSkipped>(&fact)) {
      CHECK_FALSE(runs_.contains(skipped->run.id));
      runs_[skipped->run.id] = RunState::closed;
    } else if (const auto* started = std::get_if<RunStarted>(&fact)) {
      CHECK(runs_[started->run.id] == RunState::open);
      CHECK(started->lateness >= 0ns);
    } else if (std::holds_alternative<RunnerStopped>(fact)) {
      said_goodbye_ = true;
    }
  }
  void check_limits() {
    CHECK(alive_.size() <= kPlaces);
    const auto in_pool =
        std::count_if(alive_.begin(), alive_.end(), [](const auto& p) { return p.second.pool == "db"; });
    CHECK(in_pool <= kPoolPlaces);
  }
  std::int64_t alive_of(const std::string& task) {
    return std::count_if(alive_.begin(), alive_.end(), [&](const auto& p) { return p.second.task == task; });
  }

  std::mt19937 random_;
  Now now_{BootTime(1h), MonoTime(1h), WallTime(std::chrono::seconds(1'800'000'000))};
  Engine engine_;
  std::map<AttemptId, Process> alive_;
  std::map<RunId, RunState> runs_;
  RunId last_run_;
  bool said_goodbye_ = false;
  bool stopped_ = false;
};

}  // namespace

TEST_CASE("the engine keeps its promises whatever comes, in 300 made-up lives") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    World(seed).live(400);
  }
}
