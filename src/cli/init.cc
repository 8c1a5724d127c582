#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace taskrun::cli {
namespace {

// JSON has no comments; keys that begin with "x-" are the reader's own.
constexpr std::string_view kFirstManifest = R"({
  "x-comment": "Try it: taskrun check, taskrun list, taskrun once hello, taskrun start --for 5s",
  "version": 1,
  "defaults": {
    "x-comment": "every task inherits these; after its timeout a task is ended with all its processes",
    "timeout": "30s"
  },
  "tasks": {
    "hello": {
      "description": "says hello when the runner starts, and then every minute",
      "every": "1m",
      "run_at_start": true,
      "shell": "echo \"hello from $TASKRUN_TASK\""
    },
    "report": {
      "description": "has no schedule: it runs when asked for, with taskrun once report",
      "command": ["date", "-u"],
      "retry": { "attempts": 3, "delay": "5s" },
      "on_failure": { "shell": "echo \"report: $TASKRUN_OUTCOME\" >&2" }
    },
    "cleanup": {
      "x-comment": "taskrun builtins cleanup shows what else it can do",
      "description": "a built-in task, disabled until you have looked at it",
      "enabled": false,
      "delay": "1h",
      "builtin": "cleanup",
      "with": { "directory": "/var/tmp/example", "older_than": "7d", "dry_run": true }
    }
  }
}
)";

constexpr mode_t kMode = 0644;

// Made, not opened: a file that appears at the last moment is not overwritten.
Result<void> write_new(const std::string& path) {
  const Result<sys::Fd> file = sys::open_file(path, O_WRONLY | O_CREAT | O_EXCL, kMode);
  if (!file && file.error().code == EEXIST) {
    return fail(fmt::format("'{}' exists already (--force replaces it)", path), EEXIST);
  }
  return file ? sys::write_all(file->get(), kFirstManifest) : tl::unexpected(file.error());
}

}  // namespace

int init(const InitOptions& options) {
  if (options.path == "-") return answer(kFirstManifest);
  const auto written = options.force ? sys::write_file(options.path, kFirstManifest, kMode) : write_new(options.path);
  if (!written) {
    return give_up(fmt::format("taskrun init: {}\n", printable(written.error().message, 1'000)), kCannotCreate);
  }
  return answer(fmt::format("wrote {}\n", printable(options.path)));
}

}  // namespace taskrun::cli
