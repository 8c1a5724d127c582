#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "cli/runner_answers.h"
#include "cli/terminal.h"

/// What `taskrun status` shows: pure text.
namespace taskrun::cli {

/// "accounts: taskrun 0.1.0, pid 4711, up 3 h 12 min, 12 tasks, 1 running, 1 paused", one line; a second
/// one where a manifest was refused.
[[nodiscard]] std::string runner_line(const RunnerSeen& runner, WallTime now);

/// A line for each task, under a heading: its state, when it is due next, how its last run ended. On a terminal no line
/// is wider than it. At most `most` lines; where that is not enough the last of them says how many tasks it hides.
[[nodiscard]] std::string task_table(const std::vector<TaskSeen>& tasks, WallTime now, const Terminal& terminal,
                                     std::size_t most);

/// Both. Where the terminal has a height it is not longer than that, nor wider than its width.
[[nodiscard]] std::string status_text(const RunnerSeen& runner, const std::vector<TaskSeen>& tasks, WallTime now,
                                      const Terminal& terminal);

}  // namespace taskrun::cli
