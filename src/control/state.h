#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/outcome.h"

/// How a runner and its tasks stand, as plain values.
namespace taskrun::control {

struct RunnerState {
  std::string instance;
  std::string version;
  int pid = 0;
  WallTime started_at;
  std::string containment;
  std::string state;     ///< the state directory; "" for none
  std::string socket;    ///< "" for none
  std::string http;      ///< address and port; "" for none
  std::string manifest;  ///< its path; "" where it came from stdin
  WallTime manifest_loaded_at;
  std::string manifest_error;  ///< why the one read last is not in force; "" where it is
  std::size_t tasks = 0;
  std::size_t paused = 0;
  std::size_t running = 0;  ///< runs that have begun and not ended
  bool is_stopping = false;
  Nanos loop_lag{};  ///< how late the loop has been lately
};

/// A run that has not ended.
struct RunState {
  RunId id;
  int attempt = 1;
  Trigger trigger = Trigger::schedule;
  WallTime scheduled_at;
  std::optional<WallTime> started_at;  ///< of this attempt; none before its first
  std::string_view state;              ///< "waiting", "running", "stopping", "backing_off", "recording" (it has ended)
};

/// How the latest run that began has ended.
struct LastRun {
  RunId id;
  Outcome outcome = Outcome::success;
  WallTime started_at;
  Nanos duration{};
  ExitStatus exit;
  std::string error;
  std::string_view start_failure;  ///< "not_found", "not_executable" or "other" where it could not start; else ""
};

/// Runs of a task since the runner started, by how they ended.
struct RunCounts {
  std::uint64_t success = 0, failure = 0, timeout = 0, error = 0, cancelled = 0, skipped = 0;
};

struct TaskState {
  std::string name;
  TaskId id = 0;
  std::string description;
  std::vector<std::string> tags;
  std::string schedule;  ///< for people
  std::string_view overlap;
  std::optional<Nanos> timeout;
  bool is_enabled = true;
  bool is_paused = false;
  bool is_persisted = false;  ///< a client added it to stay
  std::string_view state;     ///< "idle", "paused", "disabled", "removed" (it ends), or the state of its oldest run
  std::optional<WallTime> next_run_at;
  std::vector<RunState> runs;
  std::optional<LastRun> last_run;
  RunCounts counts;
};

/// Some of the tasks, in the order of their ids.
struct TaskPage {
  std::vector<TaskState> tasks;
  std::optional<TaskId> next;  ///< where the next page begins; none: there is none
};

}  // namespace taskrun::control
