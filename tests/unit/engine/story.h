#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/signals.h"
#include "engine/engine.h"
#include "schedule/duration.h"

/// A made-up world around the engine: tasks, time and processes as a test tells them; what the engine does comes back
/// as text, one line an action.
///
///     Story story;
///     story.add("a", Every{10s});
///     CHECK(story.at(10s) == "start a 1 schedule\n");
///     CHECK(story.exits("a", 0) == "finished a success next 20s\n");
namespace taskrun::engine {

using namespace std::chrono_literals;

class Story {
 public:
  static constexpr WallTime kStart{std::chrono::seconds(1'800'000'000)};

  explicit Story(Settings settings = {}) : engine_(std::move(settings), now_) {}

  using Shape = std::function<void(TaskPolicy&)>;

  /// "added NAME ID next TIME" and what follows.
  std::string add(const std::string& name, Schedule schedule, const Shape& shape = [](TaskPolicy&) {}) {
    auto policy = std::make_shared<TaskPolicy>();
    shape(*policy);
    auto spec = std::make_shared<TaskSpec>(TaskSpec{name, ShellText{"true"}, schedule, policy});
    return apply(AddTask{spec, 1, std::exchange(mark_, std::nullopt)});
  }
  /// The next task to be added was known to an earlier runner.
  void knew(DueMark mark) { mark_ = std::move(mark); }

  /// Time becomes `since_start`.
  std::string at(Nanos since_start) {
    set_time(since_start);
    return apply(TimePassed{});
  }

  /// The oldest process of `name` ends.
  std::string exits(const std::string& name, int code) {
    AttemptReport report;
    report.exit.exit_code = code;
    return ends(name, std::move(report));
  }
  std::string dies(const std::string& name, int signal) {
    AttemptReport report;
    report.exit.signal = signal;
    return ends(name, std::move(report));
  }
  std::string ends(const std::string& name, AttemptReport report) {
    auto& alive = processes_[name];
    REQUIRE_FALSE(alive.empty());
    const AttemptId attempt = alive.front();
    alive.erase(alive.begin());
    last_ended_ = attempt;
    return apply(AttemptEnded{attempt, std::move(report)});
  }
  /// From now on a process exists only this long after its start was decided.
  void slow_starts(Nanos wait) { start_wait_ = wait; }
  /// The attempts of `name` wait, until begins_now() or withdrawn() goes on with the oldest; its hooks do not.
  void holds_back(const std::string& name) { held_back_ = name; }
  std::string begins_now() {
    const AttemptId attempt = next_held();
    processes_[held_back_].push_back(attempt);
    return apply(AttemptStarted{attempt, ++last_pid_});
  }
  std::string withdrawn() {
    AttemptReport report;
    report.start_failure = StartFailure{"ended before it could start", StartFailure::Kind::withdrawn};
    return apply(AttemptEnded{next_held(), std::move(report)});
  }
  /// The processes of `name` will fail to start.
  void breaks(const std::string& name) { broken_ = name; }

  std::string apply(const Input& input) {
    std::vector<Action> actions;
    engine_.apply(input, now_, actions);
    std::string told;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      told += tell(actions[i]);
      if (const auto* start = std::get_if<StartAttempt>(&actions[i])) {
        const std::string& name = start->run.task.spec->name;
        if (name == held_back_) {
          held_.push_back(start->attempt);
        } else {
          begin(name, start->attempt, actions);
        }
      } else if (const auto* hook = std::get_if<StartHook>(&actions[i])) {
        begin(hook->run.task.spec->name, hook->attempt, actions);
      }
    }
    return told;
  }

  void set_time(Nanos since_start) {
    const Nanos step = since_start - since_start_;
    since_start_ = since_start;
    now_.boot += step;
    now_.mono += step;
    now_.wall += step;
  }
  /// The machine sleeps: the monotonic clock stands still.
  void suspend(Nanos nap) {
    since_start_ += nap;
    now_.boot += nap;
    now_.wall += nap;
  }

  /// Somebody sets the wall clock; nobody has looked yet.
  void step_wall(Nanos by) { now_.wall += by; }
  /// What is remembered of `name` for the next runner.
  DueMark mark(const std::string& name) {
    REQUIRE(marks_.contains(name));
    return marks_.at(name);
  }
  [[nodiscard]] bool has_mark(const std::string& name) const { return marks_.contains(name); }

  TaskKey key(const std::string& name) {
    const Task* task = engine_.tasks().find(name);
    REQUIRE(task != nullptr);
    return task->key;
  }
  Engine& engine() { return engine_; }
  const Now& now() const { return now_; }
  RunId last_run() const { return last_run_; }
  /// What the attempt that was started last was asked for with.
  Variables last_env() const { return last_env_ != nullptr ? *last_env_ : Variables(); }
  AttemptId last_ended() const { return last_ended_; }

 private:
  AttemptId next_held() {
    REQUIRE_FALSE(held_.empty());
    const AttemptId attempt = held_.front();
    held_.pop_front();
    return attempt;
  }
  void begin(const std::string& name, AttemptId attempt, std::vector<Action>& actions) {
    if (name == broken_) {
      AttemptReport report;
      report.start_failure = StartFailure{"executing 'true': No such file or directory", StartFailure::Kind::not_found};
      engine_.apply(AttemptEnded{attempt, report}, now_, actions);
      return;
    }
    processes_[name].push_back(attempt);
    set_time(since_start_ + start_wait_);
    engine_.apply(AttemptStarted{attempt, ++last_pid_}, now_, actions);
  }

  std::string time_text(std::optional<WallTime> time) const {
    if (!time) return "never";
    return format_duration(*time - kStart);
  }

  std::string tell(const Action& action) {
    return std::visit([this](const auto& concrete) { return tell_one(concrete); }, action);
  }
  std::string name_of(AttemptId attempt) {
    for (const auto& [name, alive] : processes_) {
      if (std::find(alive.begin(), alive.end(), attempt) != alive.end()) return name;
    }
    return std::find(held_.begin(), held_.end(), attempt) != held_.end() ? held_back_ : "?";
  }
  std::string tell_one(const StartAttempt& start) {
    last_run_ = start.run.id;
    last_env_ = start.env;
    return "start " + start.run.task.spec->name + " " + std::to_string(start.run.attempt) + " " +
           std::string(to_word(start.run.trigger)) + "\n";
  }
  std::string tell_one(const StartHook& hook) {
    return "hook " + hook.run.task.spec->name + " " + std::string(to_word(hook.hook)) +
           (hook.outcome ? " after " + std::string(to_word(*hook.outcome)) : "") +
           (hook.exit.exit_code.value_or(0) != 0 ? " " + std::to_string(*hook.exit.exit_code) : "") + "\n";
  }
  std::string tell_one(const StopAttempt& stop) {
    return "signal " + name_of(stop.attempt) + " " + signal_name(stop.signal) + "\n";
  }
  std::string tell_one(const WithdrawAttempt& withdraw) { return "withdraw " + name_of(withdraw.attempt) + "\n"; }
  std::string tell_one(const KillAttempt& kill) { return "kill " + name_of(kill.attempt) + "\n"; }
  std::string tell_one(const Remember& change) {
    if (change.mark) {
      marks_.insert_or_assign(change.task, *change.mark);
    } else {
      marks_.erase(change.task);
    }
    return "";
  }
  std::string tell_one(const Stopped& stopped) {
    return stopped.runs_were_killed ? "stopped, runs were killed\n" : "stopped\n";
  }
  std::string tell_one(const Reply& reply) {
    if (const auto* refusal = std::get_if<Refusal>(&reply.answer)) {
      static const char* const kWords[] = {"unknown_task", "unknown_run", "name_taken", "disabled",
                                           "overlap",      "paused",      "pool",       "stopping"};
      return std::string("refused ") + kWords[static_cast<std::size_t>(*refusal)] + "\n";
    }
    return "";
  }
  std::string tell_one(const Emit& emit) {
    return std::visit([this](const auto& fact) { return tell_fact(fact); }, emit.event.fact);
  }

  std::string tell_fact(const TaskAdded& added) {
    return "added " + added.task.spec->name + " " + std::to_string(added.task.id) + " next " +
           time_text(added.next_run_at) + "\n";
  }
  std::string tell_fact(const TaskRemoved& removed) { return "removed " + removed.task.spec->name + "\n"; }
  std::string tell_fact(const TaskPaused& paused) { return "paused " + paused.task.spec->name + "\n"; }
  std::string tell_fact(const TaskResumed& resumed) { return "resumed " + resumed.task.spec->name + "\n"; }
  std::string tell_fact(const RunSkipped& skipped) {
    return "skipped " + skipped.run.task.spec->name + " " + std::string(to_word(skipped.reason)) +
           (skipped.count > 1 ? " x" + std::to_string(skipped.count) : "") + " due " +
           time_text(skipped.run.scheduled_at) + "\n";
  }
  std::string tell_fact(const RunFinished& finished) {
    std::string out = "finished " + finished.run.task.spec->name + " " + std::string(to_word(finished.outcome));
    if (finished.killed_by) out += " by " + std::string(to_word(*finished.killed_by));
    if (finished.retry_in) out += " retry " + format_duration(*finished.retry_in);
    if (finished.next_run_at) out += " next " + time_text(finished.next_run_at);
    CHECK(finished.is_final == !finished.retry_in.has_value());
    return out + "\n";
  }
  std::string tell_fact(const HookFinished& finished) {
    std::string out = "hook finished " + finished.task.spec->name + " " + std::string(to_word(finished.hook)) + " " +
                      std::string(to_word(finished.outcome));
    if (finished.killed_by) out += " by " + std::string(to_word(*finished.killed_by));
    return out + "\n";
  }
  std::string tell_fact(const ClockJumped& jumped) { return "clock jumped " + format_duration(jumped.by) + "\n"; }
  std::string tell_fact(const RunnerStopping& stopping) { return "stopping " + stopping.cause + "\n"; }
  std::string tell_fact(const RunnerStopped& s) {
    std::ostringstream out;
    out << "tally success=" << s.success << " failure=" << s.failure << " timeout=" << s.timeout << " error=" << s.error
        << " cancelled=" << s.cancelled << " skipped=" << s.skipped << "\n";
    return out.str();
  }
  std::string tell_fact(const ContainmentFailed& failed) {
    return "containment failed " + std::to_string(failed.pids.size()) + "\n";
  }
  // run_started and kill_sent stand beside an action that is told; the rest the engine does not make.
  template <class Fact>
  std::string tell_fact(const Fact&) {
    return "";
  }

  Now now_{BootTime(1000h), MonoTime(900h), kStart};
  Nanos since_start_{0};
  Engine engine_;
  std::map<std::string, std::vector<AttemptId>> processes_;
  Nanos start_wait_{};
  std::string held_back_;
  std::deque<AttemptId> held_;
  std::string broken_;
  std::shared_ptr<const Variables> last_env_;
  RunId last_run_;
  AttemptId last_ended_{};
  int last_pid_ = 0;
  std::optional<DueMark> mark_;
  std::map<std::string, DueMark> marks_;
};

}  // namespace taskrun::engine
