#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/runner_answers.h"

namespace taskrun::cli {

/// The run that somebody means by `word`, among those alive: by the name of a task that has one, by the run's id, or by
/// the beginning of it, four characters or more. A task's name comes first. Trouble where there is none, or more.
[[nodiscard]] Answered<std::string> choose_run(const std::vector<TaskSeen>& tasks, std::string_view word);

}  // namespace taskrun::cli
