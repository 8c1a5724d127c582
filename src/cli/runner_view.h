#pragma once

#include <string>
#include <vector>

#include "cli/runner_link.h"

namespace taskrun::cli {

/// A runner and its tasks at one moment, as the runner has told them, and read.
struct RunnerView {
  RunnerSeen runner;
  std::vector<TaskSeen> tasks;
  std::string runner_body;
  std::string tasks_body;
};

/// Asks for all tasks, or for those named, in their order.
[[nodiscard]] Answered<RunnerView> look(const RunnerLink& link, const std::vector<std::string>& names);

/// {"runner":{…},"tasks":[…]}: the runner's own words.
[[nodiscard]] std::string to_json(const RunnerView& view);

}  // namespace taskrun::cli
