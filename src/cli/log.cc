#include "cli/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace taskrun::cli {

// The history's thread logs, too; and a log line must be out before the process can die.
void log_to_stderr() {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("taskrun"));
  spdlog::set_pattern("%n: %l: %v");
}

}  // namespace taskrun::cli
