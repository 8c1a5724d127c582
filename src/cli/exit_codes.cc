#include "cli/exit_codes.h"

namespace taskrun::cli {
namespace {

constexpr ExitCode kExitCodes[] = {
    {"0", "done; of start: a clean stop"},
    {"1",
     "start: runs had to be ended at the stop, or, under --fail-on-error, some run did not succeed; "
     "once, of several tasks: some run did not succeed; of a running runner: it is simply not so (no such run is "
     "alive, or is recorded)"},
    {"2", "wrong usage: an unknown flag, a missing argument, or several runners of which none was named"},
    {"66", "the manifest is missing or cannot be read; or there is no history"},
    {"69", "no runner answers, or it is stopping"},
    {"70", "an internal error; or --containment cgroup where there is none; or a history that cannot be read"},
    {"73", "a file, directory or port that was asked for cannot be had, or (init) exists already"},
    {"74", "stdout failed: its reader went away, or the disk is full"},
    {"75",
     "another runner holds the instance; once, of a disabled task without --force; "
     "trigger: the task cannot run now (overlap, paused, pool, disabled)"},
    {"78", "the manifest is wrong; or it, or the runner, or the history has no such task"},
    {"124", "once, of one task: it timed out"},
    {"125", "once, of one task: it could not be started"},
    {"126", "once, of one task: its program is not executable"},
    {"127", "once, of one task: its program was not found"},
    {"128+n", "once, of one task: it was ended by signal n"},
    {"any other", "once, of one task: its own"},
};

}  // namespace

std::span<const ExitCode> exit_codes() { return kExitCodes; }

}  // namespace taskrun::cli
