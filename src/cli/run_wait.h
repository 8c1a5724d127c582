#pragma once

#include <string>
#include <variant>

#include "cli/following.h"
#include "cli/run_ending.h"

namespace taskrun::cli {

/// Whoever waits was told to go on (Ctrl-C): the run is none of its business.
struct Interrupted {
  int signal;
};

/// Waits for the end of a run, over its retries, by its lines. Where those were missed, the task is asked; where the
/// runner is silent, whether it is still there. Trouble: the runner went away or hangs, or nobody knows any more how
/// the run has ended.
[[nodiscard]] Answered<std::variant<Ended, Interrupted>> wait_for_run(const RunnerLink& link, Following& following,
                                                                      const std::string& task, const std::string& run);

}  // namespace taskrun::cli
