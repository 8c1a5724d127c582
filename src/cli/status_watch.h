#pragma once

#include "cli/client_options.h"
#include "cli/runner_link.h"

namespace taskrun::cli {

/// Shows the status on the terminal until Ctrl-C (then kDone), another signal, or the end of the runner: anew when
/// something has happened, a few times a second at most, and each second, since what comes comes nearer.
[[nodiscard]] int watch_status(const RunnerLink& link, const StatusOptions& options);

}  // namespace taskrun::cli
