#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>

#include "process/containment.h"
#include "process/output.h"
#include "process/pipe_reader.h"
#include "process/runner.h"
#include "process/spawn.h"

/// One attempt from its start to its end. The end is made of three things: the main process has been reaped, its pipes
/// have been read to their end, and what it left alive is gone.
///
///   phase     | goes on when
///   running   | the main process has been reaped
///   draining  | every pipe is at its end, or kDrain has passed; with `leave` the attempt ends here
///   leftovers | nothing of the attempt is alive: with `kill` after SIGKILL at once; with `wait`, or once a stop was
///             | sent, when they end by themselves or kill() comes
///   killing   | (from any phase, by kill()) nothing is alive after pass upon pass of SIGKILL, or kKillPasses is over
namespace taskrun::process {

/// What attempts share.
struct AttemptPlace {
  boost::asio::io_context& loop;
  Listener& listener;
  Containment& containment;
  PipeWatch& pipes;
  std::span<char> buffer;  ///< for reading
};

/// The task's ends of its pipes: for its descriptors 1, 2 and 3. None where it gets no pipe.
using TaskEnds = std::array<sys::Fd, 3>;

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  using Ended = std::function<void(AttemptId)>;

  /// `ended` is told just before the listener's on_ended.
  Attempt(AttemptId id, const Launch& launch, const AttemptPlace& place, std::unique_ptr<Cell> cell, Ended ended);

  /// Makes the pipes that the launch asks for.
  [[nodiscard]] Result<TaskEnds> open_pipes(const Launch& launch);
  /// The main process runs.
  void on_started(Spawned main);
  void on_main_reaped(int status, const rusage& usage);
  /// Goes on if it can. To be called when children have been reaped and the containment has been refreshed.
  void advance();
  void stop(int signal);
  void kill();

  [[nodiscard]] AttemptId id() const { return id_; }
  [[nodiscard]] Cell& cell() { return *cell_; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Result<sys::Fd> open_pipe(PipeReader::Sink sink);
  bool drain();
  void advance_waiting(bool at_end);
  void advance_killing();
  void end_or_drain(bool at_end);
  void end(bool at_end);

  [[nodiscard]] std::vector<sys::ProcessStat> members_to_end();
  void send(const std::vector<sys::ProcessStat>& members, int signal);
  void count(const sys::ProcessStat& member, int signal);
  void begin_killing();
  void kill_pass();
  void look_again();
  void wake_at(Clock::time_point when);

  AttemptId id_;
  AttemptPlace place_;
  Ended ended_;
  std::unique_ptr<Cell> cell_;
  Leftovers leftovers_;
  OutputMode mode_;
  Output out_, err_;
  ResultText result_;
  std::vector<std::unique_ptr<PipeReader>> readers_;
  sys::Fd main_;
  AttemptReport report_;
  boost::asio::steady_timer timer_;

  bool main_alive_ = false;
  bool stop_sent_ = false;
  bool killing_ = false;
  bool has_ended_ = false;
  Clock::time_point drain_until_;
  Clock::time_point kill_until_;
  Clock::duration next_look_;
  std::unordered_map<pid_t, std::uint64_t> counted_;  // with their start: for each process once
};

}  // namespace taskrun::process
