#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/diagnostic.h"
#include "base/ids.h"
#include "base/time.h"
#include "model/outcome.h"
#include "model/run_ref.h"
#include "model/task_spec.h"

/// The facts of a runner. The JSON line on stdout, the history row, the metric and the subscriber are all made from
/// these structs; the names of their fields are those of docs/events.md.
namespace taskrun {

enum class Level { info, warn, error };
[[nodiscard]] std::string_view to_word(Level value);

struct RunnerStarted {
  std::string version;
  int pid = 0;
  std::string containment;  ///< "cgroup" or "subreaper"
  std::size_t tasks = 0;
  std::string state;   ///< "" (null on the wire) where there is none
  std::string socket;  ///< likewise
  std::string http;    ///< likewise
};
struct RunnerStopping {
  std::string cause;  ///< "SIGTERM", "--for", "stdout closed", "keeper died", "done"
};
struct RunnerStopped {
  std::uint64_t success = 0, failure = 0, timeout = 0, error = 0, cancelled = 0, skipped = 0;  ///< runs by outcome
};
/// A manifest that was read again is in force.
struct ManifestReloaded {
  std::size_t tasks = 0;  ///< that it has
  std::size_t added = 0, changed = 0, removed = 0;
};
/// It could not be read or is wrong: the one before stays in force.
struct ManifestRejected {
  Diagnostics diagnostics;  ///< the errors; one at 1:1 where it could not be read
  std::size_t errors = 0;   ///< how many there are; more than `diagnostics` where those were too many
};
struct TaskAdded {
  TaskRef task;
  std::optional<WallTime> next_run_at;
};
struct TaskRemoved {
  TaskRef task;
};
struct TaskPaused {
  TaskRef task;
};
struct TaskResumed {
  TaskRef task;
};
struct RunStarted {
  RunRef run;
  Nanos lateness{};  ///< start minus due time (of a retry: minus the end of its wait)
  int pid = 0;
};
struct RunOutput {
  RunRef run;
  bool is_stderr = false;
  std::string line;      ///< raw bytes without the newline
  bool partial = false;  ///< the line goes on in the next event, or the task ended without a newline
};
struct RunFinished {
  RunRef run;
  WallTime started_at;
  Nanos duration{};
  Outcome outcome = Outcome::success;
  std::optional<KilledBy> killed_by;
  bool is_final = true;
  std::optional<Nanos> retry_in;  ///< where a retry follows
  std::string error;              ///< of outcome error, or what is wrong with the result; "" for none
  AttemptReport report;
  std::optional<WallTime> next_run_at;
};
struct RunSkipped {
  RunRef run;
  SkipReason reason = SkipReason::overlap;
  std::uint64_t count = 1;
  std::optional<WallTime> next_run_at;
};
struct HookFinished {
  TaskRef task;
  HookKind hook = HookKind::on_success;
  std::optional<WallTime> scheduled_at;  ///< the due time of the run it follows; none for on_stop
  WallTime started_at;
  Nanos duration{};
  Outcome outcome = Outcome::success;
  std::optional<KilledBy> killed_by;
  std::string error;
  AttemptReport report;
};
struct KillSent {
  std::variant<RunRef, TaskRef> of;  ///< a TaskRef where a hook is ended
  std::optional<HookKind> hook;
  std::string_view stage;  ///< "stop" or "kill"
  int signal = 0;
  KilledBy why = KilledBy::timeout;
};
struct ContainmentFailed {
  std::variant<RunRef, TaskRef> of;
  std::optional<HookKind> hook;
  std::vector<pid_t> pids;
};
struct ClockJumped {
  Nanos by{};
};
struct EventsDropped {
  std::uint64_t from_seq = 0, to_seq = 0;
};
/// What happens is not recorded on disk, or no longer, though it should be; told once.
struct HistoryDegraded {
  std::string error;
};
/// It is again.
struct HistoryRestored {};

using Fact =
    std::variant<RunnerStarted, RunnerStopping, RunnerStopped, ManifestReloaded, ManifestRejected, TaskAdded,
                 TaskRemoved, TaskPaused, TaskResumed, RunStarted, RunOutput, RunFinished, RunSkipped, HookFinished,
                 KillSent, ContainmentFailed, ClockJumped, EventsDropped, HistoryDegraded, HistoryRestored>;

struct Event {
  WallTime time;
  Fact fact;
};

/// The event's name on the wire: "run_finished".
[[nodiscard]] std::string_view event_name(const Fact& fact);

}  // namespace taskrun
