#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "engine/action.h"
#include "engine/admission.h"
#include "engine/roster.h"
#include "engine/run.h"
#include "engine/timer_queue.h"

namespace taskrun::engine {

/// Decides what happens: told what took place, answers what to do now. Owns no clock, process, socket, file or thread;
/// the same inputs give the same actions. Not thread-safe. `now` never goes back on its boot and monotonic clocks.
class Engine {
 public:
  Engine(Settings settings, const Now& now);

  /// Appends what follows from `input` to `actions`, in the order in which it is to be carried out.
  void apply(const Input& input, const Now& now, std::vector<Action>& actions);

  [[nodiscard]] Deadlines next_deadlines(const Now& now) const;
  /// No run is alive, waits or backs off, and no hook runs.
  [[nodiscard]] bool is_idle() const { return live_runs_ == 0; }
  [[nodiscard]] bool is_stopping() const { return stopping_; }
  [[nodiscard]] const Roster& tasks() const { return roster_; }
  [[nodiscard]] const Run& run_at(std::uint32_t index) const { return runs_[index]; }  ///< one of Task::runs
  [[nodiscard]] std::optional<WallTime> next_run_at(const Task& task) const;

 private:
  // Requests and time (engine.cc).
  void on(const TimePassed& input);
  void on(const AddTask& input);
  void on(const ChangeTask& input);
  void on(const ChangeSettings& input);
  void on(const RemoveTask& input);
  void on(const PauseTask& input);
  void on(const ResumeTask& input);
  void on(const TriggerTask& input);
  void on(const CancelRun& input);
  void on(const AttemptStarted& input);
  void on(const AttemptEnded& input);
  void on(const RunDied& input);
  void on(const MarkFound& input);
  void on(const StopRunner& input);
  Nanos set_now(const Now& now);
  void look_at_timers();
  void clock_jumped(Nanos by);

  // Due times (due.cc).
  void arm_due(Task& task);
  void arm_delay_if_idle(Task& task);
  void begin_schedule(Task& task);
  void due_now(Task& task);
  void answer(Task& task, const DueTime& due);
  tl::expected<RunId, SkipReason> admit(Task& task, Trigger trigger, const DueTime& due);
  std::optional<SkipReason> refusal(Task& task);
  void skip(Task& task, Trigger trigger, WallTime due, SkipReason reason, std::uint64_t count = 1);
  [[nodiscard]] WallTime wall_at(BootTime time) const { return WallTime(time.time_since_epoch() + boot_to_wall_); }

  // Due times on the wall clock (wall_due.cc).
  void begin_wall(Task& task, const std::optional<DueMark>& mark);
  void arm_wall(Task& task);
  void meet_missed(Task& task);
  void pass_over(Task& task, Nanos lateness);
  void miss(Task& task, const WallDueTimes& passed);
  void owe(Task& task, const WallDueTimes& passed);
  void catch_up(Task& task);
  void give_up_owed(Task& task, SkipReason reason);
  void put_back_marks();
  [[nodiscard]] DueTime kept(WallTime due) const;
  void note(Task& task);
  void remember_noted();
  void forget(const TaskSpec& spec);

  // A run's life (task_state.cc).
  Run& make_run(Task& task, Trigger trigger, const DueTime& due);
  void free_run(Run& run);
  void put_off(Run& run);
  void wait_behind(Run& run);
  void arm_start_deadline(Run& run);
  void enqueue(Run& run);
  void start_admitted();
  void start_process(Run& run);
  void begin_time(Run& run);
  void run_timer(Run& run);
  void stop_process(Run& run, KilledBy why);
  void kill_process(Run& run);
  void emit_kill(const Run& run, std::string_view stage, int signal);
  void end_run(Run& run, KilledBy why);
  void let_go(Task& task, bool end_running);
  void skip_run(Run& run, SkipReason reason);
  void cancel_unstarted(Run& run, KilledBy why);
  void attempt_ended(Run& run, AttemptReport report);
  void withdrawn(Run& run);
  void back_off(Run& run, RunFinished finished);
  void finish(Run& run, RunFinished finished);
  void hook_ended(Run& run, AttemptReport report);
  void run_done(Run& run);
  void wind_up(Task& task);
  void release_place(Run& run);
  void end_all_runs(bool at_once);
  void finish_stop_if_idle();

  // Small answers.
  [[nodiscard]] Run* run_of(AttemptId attempt);
  [[nodiscard]] Run* unbegun_run(const Task& task);
  [[nodiscard]] bool has_alive_run(const Task& task) const;
  [[nodiscard]] bool is_waiting(const Admission::Ticket& ticket) const;
  [[nodiscard]] bool may_retry(const Run& run, Outcome outcome);
  [[nodiscard]] RunFinished finished_now(const Run& run) const;
  [[nodiscard]] TaskRef ref(const Task& task) const { return {task.spec, task.key.id, task.key.generation}; }
  [[nodiscard]] RunRef ref(const Run& run) const;
  void count(Outcome outcome);
  void emit(Fact fact);
  void reply(RequestId request, decltype(Reply::answer) answer);

  Settings settings_;
  Now now_;
  Nanos boot_to_wall_{};                    // what boot time lacks to the wall clock
  std::vector<Action>* actions_ = nullptr;  // of the apply() under way
  Roster roster_;
  std::deque<Run> runs_;
  std::vector<std::uint32_t> free_runs_;
  std::uint32_t last_run_serial_ = 0;
  std::uint32_t last_process_serial_ = 0;
  std::size_t live_runs_ = 0;
  Admission admission_;
  TimerQueue<BootTime, Owner> boot_timers_;
  TimerQueue<WallTime, TaskId> wall_timers_;
  TimerQueue<MonoTime, std::uint32_t> timeouts_;  // payload: run index
  std::vector<TaskKey> noted_;                    // tasks whose mark is to be remembered
  RunIdSource run_ids_;
  std::mt19937_64 random_;
  RunnerStopped tally_;
  bool stopping_ = false;
  bool has_stopped_ = false;
  bool runs_were_killed_ = false;
  std::size_t tasks_left_ = 0;  // during a stop: tasks whose on_stop is not done
  TimerId stop_timer_;
};

}  // namespace taskrun::engine
