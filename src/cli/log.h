#pragma once

namespace taskrun::cli {

/// From here on the log of this process goes to stderr, a line each: "taskrun: error: what is wrong".
void log_to_stderr();

}  // namespace taskrun::cli
