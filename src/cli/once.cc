#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "cli/run.h"
#include "cli/runner.h"

namespace taskrun::cli {

namespace {

bool has_any(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::ranges::any_of(tags,
                             [&](const std::string& tag) { return std::ranges::find(wanted, tag) != wanted.end(); });
}

// The tasks that run, as plan() will find them.
IsWarnedOf meant_by(const OnceOptions& options) {
  return [&options, names = std::unordered_set<std::string_view>(options.tasks.begin(), options.tasks.end())](
             const TaskSpec& task) {
    const bool is_chosen = options.all || names.contains(task.name) || has_any(task.policy->tags, options.tags);
    return is_chosen && (task.policy->enabled || options.force);
  };
}

}  // namespace

int once(const OnceOptions& options) {
  return become_runner(
      "once", options.runner, [&](ManifestReading reading) { return plan(options, std::move(reading)); },
      meant_by(options));
}

}  // namespace taskrun::cli
