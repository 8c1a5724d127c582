#pragma once

#include <string>
#include <variant>

#include "cli/manifest_source.h"
#include "cli/options.h"
#include "daemon/options.h"

/// What `start` and `once` ask of the daemon: the manifest with just the tasks that are meant, and the flags.
namespace taskrun::cli {

struct Refusal {
  int exit_code = 0;
  std::string message;
};

using RunnerPlan = std::variant<daemon::Options, Refusal>;

/// Refused: a task or a tag that there is not (kWrongManifest), flags that exclude or need each other (kUsage).
[[nodiscard]] RunnerPlan plan(const StartOptions& options, ManifestReading reading);

/// Refused: a task or a tag that there is not; no task is asked for, or all and some at once (kUsage); a disabled task
/// is named without --force, or everything meant is disabled (kUnavailable); the result file's directory cannot be
/// written to (kCannotCreate). Tasks are in the order in which they were named.
[[nodiscard]] RunnerPlan plan(const OnceOptions& options, ManifestReading reading);

}  // namespace taskrun::cli
