#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/runner_answers.h"
#include "daemon/exit_code.h"

/// How a run that somebody waits for has ended: read from its lines, or, where those were missed, from what its task
/// remembers.
namespace taskrun::cli {

struct Ended {
  daemon::RunEnding ending{};
  std::string skip_reason;  ///< a run that never began: why; else ""
  std::string text;         ///< for people: "success, took 1.2 s"
  std::string line;         ///< its closing line, with its end; "" where that was missed
  std::string output;       ///< the ends of its stdout and stderr, where they are known
};

/// The closing line of that run; nothing for every other line. Of a run that could not start the kind of the failure is
/// not in the line: `other`.
[[nodiscard]] std::optional<Ended> read_ending(std::string_view line, std::string_view run);

/// Nothing where the task remembers a later run, or none.
[[nodiscard]] std::optional<Ended> remembered_ending(const TaskSeen& task, std::string_view run);

/// What `trigger --wait` exits with: as `once` would, and 75 for a run that never began.
[[nodiscard]] int exit_code_of(const Ended& ended);

}  // namespace taskrun::cli
