#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "process/process_runner.h"
#include "sys/proc.h"
#include "sys/signals.h"

namespace taskrun::process {

/// A test case under each containment, which it knows as `Kind`.
#define UNDER_BOTH(name) TEST_CASE_TEMPLATE(name, Kind, UnderCgroup, UnderSubreaper)

struct UnderCgroup {
  static constexpr auto kChoice = ContainmentChoice::cgroup;
};
struct UnderSubreaper {
  static constexpr auto kChoice = ContainmentChoice::subreaper;
};

/// A real runner on a loop of its own, and all that it tells. Everything waits on what happens, never on time.
class World : public Listener {
 public:
  explicit World(ContainmentChoice choice, const RunnerSettings& settings = {});
  ~World() override;

  /// False where this machine has no such containment: the test says so and is over.
  [[nodiscard]] bool is_available() const { return runner_ != nullptr; }
  [[nodiscard]] Runner& runner() { return *runner_; }
  [[nodiscard]] boost::asio::io_context& loop() { return loop_; }

  /// Starts one attempt, which must succeed.
  AttemptId start(const Launch& launch);
  /// Starts one that must fail; the loop is then run until nothing of it can be left.
  StartFailure start_failing(const Launch& launch);
  /// Starts and runs to the end.
  AttemptReport run(const Launch& launch);

  /// Runs the loop until `happened`; fails the test where that does not come.
  void run_until(const std::function<bool()>& happened);
  void run_until_ended(AttemptId id);
  /// Until the attempt has written `text`; its launch has `tee`.
  void run_until_written(AttemptId id, const std::string& text);

  [[nodiscard]] bool has_ended(AttemptId id) const { return reports_.contains(id); }
  [[nodiscard]] const AttemptReport& report(AttemptId id) const { return reports_.at(id); }
  [[nodiscard]] pid_t pid_of(AttemptId id) const { return pids_.at(id); }
  /// What came as chunks, both streams.
  [[nodiscard]] const std::string& chunks(AttemptId id) { return chunks_[id]; }
  [[nodiscard]] std::uint64_t chunk_bytes() const { return chunk_bytes_; }
  /// "out: line" or "err: line", with "…" at the end of a partial one.
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  void keep_chunks(bool keep) { keeps_chunks_ = keep; }
  /// What still runs is to be ended by the end of the runner.
  void expect_running_at_end() { expects_running_ = true; }

  void on_line(AttemptId attempt, Stream stream, std::string_view line, bool partial) override;
  void on_chunk(AttemptId attempt, Stream stream, std::string_view bytes) override;
  void on_ended(AttemptId attempt, AttemptReport report) override;

 private:
  void await_child();

  boost::asio::io_context loop_;
  boost::asio::posix::stream_descriptor signals_;
  std::unique_ptr<sys::SignalReader> reader_;
  std::unique_ptr<Runner> runner_;
  std::map<AttemptId, AttemptReport> reports_;
  std::map<AttemptId, pid_t> pids_;
  std::map<AttemptId, std::string> chunks_;
  std::vector<std::string> lines_;
  std::uint64_t last_id_ = 0;
  std::uint64_t chunk_bytes_ = 0;
  bool keeps_chunks_ = true;
  bool expects_running_ = false;
};

/// `/bin/sh -c TEXT` with the runner's PATH and marks of its own.
[[nodiscard]] Launch shell(const std::string& text);
[[nodiscard]] Launch command(std::vector<std::string> argv);
/// tests/support/nasty.cc in this mode.
[[nodiscard]] Launch nasty(std::vector<std::string> arguments);

/// The living children of this process: what a runner has left alive.
[[nodiscard]] std::vector<pid_t> living_children();

}  // namespace taskrun::process
