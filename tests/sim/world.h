#pragma once

#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "daemon/backlog.h"
#include "engine/engine.h"
#include "ledger.h"
#include "random_tasks.h"

namespace taskrun::sim {

/// Where marks outlive a runner, and it can fail.
struct Disk {
  std::map<std::string, DueMark> saved;
  bool fails = false;
  bool is_behind = false;  // the last writing failed
};

/// How a life goes.
struct Plan {
  std::uint64_t seed = 1;
  Nanos length = std::chrono::hours(24);
  bool has_faults = true;
  std::size_t tasks = 0;  ///< 0: by seed
};

/// What a life came to.
struct Lived {
  std::uint64_t starts = 0;
  std::uint64_t skipped = 0;
  std::uint64_t decisions = 0;
};

/// A machine that is made up: clocks, processes, a disk, and one runner after the other, with the real engine in it.
/// After every step what is promised must hold. Everything follows from the plan. Throws Broken.
class World {
 public:
  /// Tells what happens to `trace`, where there is one.
  World(const Plan& plan, std::ostream* trace);
  Lived live();

 private:
  struct Process {
    std::string task;
    std::string pool;
    bool is_hook = false;
    bool is_first = false;  // attempt of its run
    bool is_alone = false;  // unless `overlap: parallel`
    MonoTime ends;
    bool ignores_stop = false;
  };
  // What a task is, from a moment on.
  struct Definition {
    BootTime since;
    TaskSpecPtr spec;
  };
  // A task on an interval: how many due times have come is arithmetic.
  struct Ticks {
    BootTime base;
    Nanos period{};            // 0: the task has another schedule now
    std::uint64_t before = 0;  // had come by intervals that it had before
    std::uint64_t told = 0;
    std::optional<std::uint64_t> due;  // how many had come when the task, or the runner, was to end
  };

  // Time (world.cc).
  void step();
  void advance(Nanos by);
  [[nodiscard]] Nanos until_something() const;
  void end_processes();
  void begin_held();
  void apply(const engine::Input& input);

  // Runners and faults (faults.cc).
  void begin_runner();
  [[nodiscard]] std::optional<DueMark> mark_of(const std::string& task) const;
  void add(const TaskSpecPtr& spec, const std::optional<DueMark>& mark, bool is_exact);
  void stop_runner();
  void crash();
  void fault();
  void request();
  void change(const engine::Task& task);
  void change_settings();
  void set_clock();

  // What the engine answers (answers.cc).
  void carry_out(const engine::StartAttempt& start);
  void carry_out(const engine::StartHook& start);
  void carry_out(const engine::StopAttempt& stop);
  void carry_out(const engine::WithdrawAttempt& withdraw);
  void carry_out(const engine::KillAttempt& kill);
  void carry_out(const engine::Emit& emit);
  void carry_out(const engine::Remember& change);
  void carry_out(const engine::Reply& reply);
  void carry_out(const engine::Stopped& stopped);
  void begin_process(AttemptId attempt, Process process, const RunRef& run);
  void start_now(AttemptId attempt, Process process);
  bool withdraw(AttemptId attempt);
  void told(const RunStarted& fact);
  void told(const RunFinished& fact);
  void told(const RunSkipped& fact);
  void told(const TaskAdded& fact);
  void told(const TaskRemoved& fact);
  void told(const RunnerStopped& fact);
  template <class Other>
  void told(const Other& fact);
  [[nodiscard]] Ledger& book_of(const std::string& task);
  void begin_ticks(const TaskSpec& spec);
  [[nodiscard]] std::uint64_t ticks_of(const Ticks& ticks) const;
  void count_ticks(const std::string& task);
  void check_ticks(const std::string& task);
  void must_be_live(const TaskRef& task) const;
  void commit();
  void must_be_on_disk(const RunRef& run) const;
  void check_places(const std::string& pool) const;
  void check_alone(const Process& process) const;
  void check_processes() const;
  void check_deadlines() const;
  void check_overlap(const RunStarted& fact) const;
  void check_definition(const RunStarted& fact) const;
  void note_alive();
  [[nodiscard]] bool answers_due_time(const RunRef& run) const;
  [[nodiscard]] const Schedule& schedule_of(const RunRef& run) const;

  bool chance(unsigned percent) { return random_.below(100) < percent; }
  void trace(const std::string& line);

  Plan plan_;
  std::ostream* trace_;
  Random random_;
  Now now_;
  WallTime highest_;  // that the wall clock has shown since it was last set back
  BootTime begin_;
  BootTime next_fault_;
  Disk disk_;
  bool keeps_record_ = true;
  std::map<std::string, TaskSpecPtr> wanted_;  // by name: what the manifest says
  std::map<std::string, Ledger> ledgers_;

  // Of the runner that is alive.
  std::unique_ptr<engine::Engine> engine_;
  engine::Settings settings_;
  daemon::Backlog backlog_;
  struct Held {
    Process process;
    RunRef run;
    bool is_withdrawn = false;
  };
  std::map<AttemptId, Held> held_;  // starts that wait for their record
  std::set<RunId> withdrawn_;       // first attempts of these that never began
  std::map<AttemptId, Process> alive_;
  std::map<TaskKey, std::vector<Definition>> live_;  // added and not removed: its definitions, one after the other
  std::map<std::string, Ticks> ticks_;
  std::map<RunId, bool> runs_;                  // whether its final line has come
  std::set<RunId> asked_for_;                   // or made by the start: they answer no due time
  std::map<RunId, std::string> begun_;          // the task of each run that has begun and has no final line yet
  std::map<std::string, BootTime> last_alive_;  // when a run of the task was last seen to be one of them
  RunId last_run_{};
  TaskSpecPtr changed_;  // what the task was that is being changed: what is given up now was due by that
  bool is_stopping_ = false;
  bool has_stopped_ = false;
  bool said_goodbye_ = false;
  std::vector<engine::Input> news_;  // what carrying out made happen
  Lived lived_;
};

}  // namespace taskrun::sim
