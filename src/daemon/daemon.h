#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/control_point.h"
#include "daemon/doors.h"
#include "daemon/exit_code.h"
#include "daemon/launch_builder.h"
#include "daemon/loop_lag.h"
#include "daemon/options.h"
#include "daemon/outlet.h"
#include "daemon/persisted_tasks.h"
#include "daemon/reload.h"
#include "daemon/result_file.h"
#include "daemon/supervisor_notices.h"
#include "daemon/terminals.h"
#include "daemon/write_ahead.h"
#include "engine/engine.h"
#include "process/runner.h"
#include "report/chunk_writer.h"
#include "report/json_lines.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/signals.h"

namespace taskrun::daemon {

/// The composition: one thread, one loop. What happens (signals, deadlines, ends of processes) goes into the engine as
/// inputs; the actions that it answers with are carried out here, once the history has what they need; every event goes
/// to every sink.
class Daemon : private process::Listener {
 public:
  Daemon(Options options, Doors doors);

  /// Blocks until the stop is complete; the exit code. `keeper_alive` becomes readable when the keeper dies. Fails
  /// where there is no door to processes.
  [[nodiscard]] Result<int> run(sys::Fd keeper_alive);

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  static constexpr engine::RequestId kAddRequest = 1;  // we ask for the id of each task added

  // Beginning and end.
  void begin();
  [[nodiscard]] std::vector<TaskSpecPtr> all_tasks();
  void add_tasks(const std::vector<TaskSpecPtr>& tasks);
  void stop(std::string cause, bool now = false);
  [[nodiscard]] int exit_code() const;

  // What happens.
  void watch(Descriptor& descriptor, void (Daemon::*happened)());
  void signals_came();
  void signal_came(int signal);
  void hang_up_came();
  void time_came();
  void wall_time_came();
  void time_passed();
  void keeper_died();
  void stdout_failed(int error);
  void on_line(AttemptId attempt, process::Stream stream, std::string_view line, bool partial) override;
  void on_chunk(AttemptId attempt, process::Stream stream, std::string_view bytes) override;
  void on_ended(AttemptId attempt, AttemptReport report) override;

  // What follows.
  /// An input and the moment it came at: starting a hundred processes takes longer than one may be late.
  struct Arrival {
    engine::Input input;
    Now at;
  };
  void submit(engine::Input input);
  void enqueue(engine::Input input);
  void decide_together(const std::vector<engine::Input>& inputs);
  void decide();
  void apply(const engine::Input& input, const Now& now);
  void take(engine::Action action);
  void carry_out_any(const engine::Action& action);
  void carry_out(const engine::StartAttempt& action);
  void carry_out(const engine::StartHook& action);
  void carry_out(const engine::StopAttempt& action);
  void carry_out(const engine::KillAttempt& action);
  void carry_out(const engine::WithdrawAttempt&) {}  // nothing was held
  void carry_out(const engine::Emit& action);
  void carry_out(const engine::Remember&) {}  // on its way to the history
  void carry_out(const engine::Reply& action);
  void carry_out(const engine::Stopped& action);
  void start(AttemptId attempt, const process::Launch& launch, const RunRef& run);
  void start_failed(AttemptId attempt, StartFailure failure);
  void died(const report::OpenRun& run);
  void found_mark(const std::string& task, const DueMark& mark);
  void emit(Event event);
  void arm_timer();

  Options options_;
  boost::asio::io_context loop_;
  engine::Engine engine_;
  std::deque<Arrival> inputs_;
  std::vector<engine::Action> actions_;  // of the input that is being carried out
  bool is_deciding_ = false;
  Now deciding_at_;  // when what is being decided came
  LoopLag lag_;
  LaunchBuilder launches_;
  std::unordered_map<AttemptId, RunRef> writers_;  // attempts whose lines are events
  report::JsonLines lines_;
  report::ChunkWriter chunks_;
  ExitCode exit_codes_;
  ResultFile result_file_;
  SupervisorNotices supervisor_;
  sys::SignalReader signal_reader_;
  sys::BootTimer deadline_;
  sys::WallTimer wall_deadline_;
  FoundHistory history_;
  WallTime began_at_{};
  std::size_t tasks_at_start_ = 0;
  PersistedTasks persisted_;
  Outlet<report::JsonLines> stdout_;
  Outlet<report::ChunkWriter> stderr_;
  Descriptor signals_;
  Descriptor timer_;
  Descriptor wall_timer_;
  Descriptor keeper_;
  boost::asio::steady_timer run_for_;
  decltype(Doors::make_runner) make_runner_;
  std::unique_ptr<process::Runner> runner_;
  std::uint64_t starts_ = 0;
  WriteAhead ahead_;
  Reload reload_;
  std::unique_ptr<ControlPoint> control_;  // null where nobody can ask
  const std::string containment_;
  const Terminals terminals_;
  bool runs_were_killed_ = false;
};

}  // namespace taskrun::daemon
