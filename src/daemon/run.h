#pragma once

#include "daemon/options.h"
#include "process/containment.h"
#include "sys/fd.h"

namespace taskrun::daemon {

/// Runs until it is told to stop and returns the exit code (product.md, Exit codes); says on stderr what keeps it from
/// running (70). To be called in the daemon's process, whose signals have been reset (sys/signals.h). `keeper_alive` is
/// the read end of the keeper's pipe; empty where there is no keeper.
[[nodiscard]] int run(Options options, process::ContainmentChoice containment, sys::Fd keeper_alive);

}  // namespace taskrun::daemon
