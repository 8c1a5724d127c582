#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

/// Processes held by descriptor: a signal sent so can never reach another process that got the same number later.
namespace taskrun::sys {

/// Holds the process that has this number now. Fails with ESRCH where there is none, EMFILE where descriptors run out.
[[nodiscard]] Result<Fd> hold_process(pid_t pid);

/// False where the process has ended, or belongs to a user whom we may not signal.
bool send_signal(int pidfd, int signal);

}  // namespace taskrun::sys
