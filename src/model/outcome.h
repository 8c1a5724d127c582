#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/time.h"

namespace taskrun {

/// How a run (or one attempt, or a hook) ended.
enum class Outcome {
  success,
  failure,  ///< wrong exit code, or ended by a signal that was not ours
  timeout,
  error,      ///< could not start
  cancelled,  ///< ended on request: cancel, replace, stop
};

/// Why we ended a process.
enum class KilledBy { timeout, cancel, replace, stop, oom };

/// Why a run exists.
enum class Trigger { schedule, start, manual, retry, catch_up, queue };

/// Why a due time did not run.
enum class SkipReason { overlap, paused, pool, missed, late, disabled, stopping };

[[nodiscard]] std::string_view to_word(Outcome value);
[[nodiscard]] std::string_view to_word(KilledBy value);
[[nodiscard]] std::string_view to_word(Trigger value);
[[nodiscard]] std::string_view to_word(SkipReason value);

/// How the main process ended: exactly one of the two is set.
struct ExitStatus {
  std::optional<int> exit_code;  ///< 0–255
  std::optional<int> signal;     ///< number
  bool core_dumped = false;
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

/// Why an attempt could not start.
struct StartFailure {
  /// "STAGE: REASON", with the object named: "executing 'nosuch': No such file or directory". Never holds an argument
  /// or a variable's value.
  std::string message;
  // Exit 125, 126, 127 of `once`. Refused: its due time has been answered before, and no other attempt may be made.
  // Withdrawn: it was to end before it could start, which is no error.
  enum class Kind { other, not_executable, not_found, refused, withdrawn } kind = Kind::other;
};

/// What is known of one attempt (or hook) once it has ended: its tree is gone and its output captured.
struct AttemptReport {
  pid_t pid = 0;                              ///< 0 where it did not start
  std::optional<StartFailure> start_failure;  ///< set: nothing of the rest but defaults
  ExitStatus exit;
  Nanos cpu_user{};
  Nanos cpu_system{};
  std::int64_t max_rss_kib = 0;
  bool oom = false;  ///< the kernel's out-of-memory killer ended it (known under cgroup only)
  std::uint64_t leftovers_killed = 0;
  std::string stdout_tail;  ///< raw bytes, cut at whole characters
  std::string stderr_tail;
  std::uint64_t output_bytes = 0;     ///< written by the task to both streams
  std::uint64_t truncated_bytes = 0;  ///< of those: left out of the tails and lines
  bool output_complete = true;        ///< false: a process held the pipe past the drain limit
  std::string result;                 ///< what came on fd 3; checked and compacted by the daemon, else raw
  std::string result_error;           ///< why what came on fd 3 is not a result; "" where fine
  std::vector<pid_t> survivors;       ///< not empty: containment failed, these still live
};

}  // namespace taskrun
