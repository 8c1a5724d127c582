#pragma once

#include <functional>
#include <string_view>

#include "cli/options.h"
#include "cli/runner_plan.h"

namespace taskrun::cli {

/// Becomes a runner: splits off the keeper while this process is still small, then, in the daemon, reads the manifest,
/// plans, tells on stderr what there is to tell about it (warnings only of the tasks that `is_warned_of` wants, and
/// none where the plan is a refusal), and runs. Returns, in both processes, the code to exit with.
[[nodiscard]] int become_runner(std::string_view command, const RunnerOptions& options,
                                const std::function<RunnerPlan(ManifestReading)>& plan,
                                const IsWarnedOf& is_warned_of = nullptr);

}  // namespace taskrun::cli
