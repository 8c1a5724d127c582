#pragma once

#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "base/time.h"
#include "sys/cgroup.h"

/// Where a runner keeps the control groups of its attempts: one base group below its own, named after the daemon
/// (taskrun-PID-START) and locked while that lives. A lock that can be had tells a base whose runner is dead.
namespace taskrun::process {

/// Makes and locks the base of this process, after clearing away those of dead runners. Fails where there is no
/// control group that we may write to and kill, with the reason.
[[nodiscard]] Result<sys::Cgroup> make_cgroup_base();

/// Kills what is in a base, waits up to `limit` for it to be gone, and removes the base.
void clear_cgroup_base(sys::Cgroup& base, Nanos limit);

/// The same for the base of a daemon that has ended, for its keeper. Nothing where there is none.
void clear_cgroup_base(pid_t daemon, std::uint64_t started, Nanos limit);

}  // namespace taskrun::process
