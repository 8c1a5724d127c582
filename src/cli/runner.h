#pragma once

#include <functional>
#include <string_view>

#include "cli/options.h"
#include "cli/runner_plan.h"

namespace taskrun::cli {

/// Becomes a runner: splits off the keeper while this process is still small, then, in the daemon, reads the manifest,
/// tells on stderr what there is to tell about it, plans and runs. Returns, in both processes, the code to exit with.
[[nodiscard]] int become_runner(std::string_view command, const RunnerOptions& options,
                                const std::function<RunnerPlan(ManifestReading)>& plan);

}  // namespace taskrun::cli
