#pragma once

#include <functional>

#include "base/result.h"
#include "sys/fd.h"

namespace taskrun::process {

/// Splits this process in two, early and once: the outer one, whose number the shell, systemd or the container knows,
/// becomes the keeper, and a child of it runs `daemon`. Returns in both, with the code to exit with:
/// - in the daemon, what `daemon` returned;
/// - in the keeper, once the daemon has ended, the daemon's own exit code, or 128 + n where signal n ended it. Where
///   `daemon` had not returned, by whatever it ended, every process that it left has been killed by then (for at most
///   limits::kKillPasses); what is left after it has returned may live on.
///
/// The keeper forwards TERM, INT, HUP, QUIT, USR1 and USR2 and reaps every orphan, so it may be PID 1. What is ignored
/// at the call stays so. `daemon` gets a descriptor that is at its end of file once the keeper is dead. It runs in a
/// process group of its own, with those signals blocked and with SIGTTOU and SIGTTIN ignored: a terminal's Ctrl-C comes
/// to it once, through the keeper, and it may write to the terminal.
///
/// Fails, in the one process that there is then, when a process or descriptors cannot be had.
[[nodiscard]] Result<int> run_kept(const std::function<int(sys::Fd keeper)>& daemon);

}  // namespace taskrun::process
