#include "cli/runner_plan.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/result.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/instance_name.h"
#include "cli/selection.h"
#include "cli/terminal.h"

namespace taskrun::cli {
namespace {

void take_shared_part(daemon::Options& plan, const RunnerOptions& options, const std::string& instance,
                      ManifestReading reading) {
  plan.instance = instance_name(instance, reading);
  plan.manifest = std::move(reading.manifest);
  plan.manifest.stop_timeout = options.stop_timeout.value_or(plan.manifest.stop_timeout);
  plan.events = options.events;
  plan.on_stdout_closed = options.on_stdout_closed;
}

daemon::Rereading rejected(Diagnostic error) { return {.errors = {std::move(error)}, .error_count = 1}; }

// The manifest of `start` once more. What a file that is missing costs here is not the runner.
daemon::Rereading read_again(const StartOptions& options, const std::string& found) {
  if (found.empty()) {
    daemon::Rereading stdin_is_over =
        rejected({.file = "<stdin>", .message = "the manifest came from stdin, which cannot be read again"});
    stdin_is_over.is_unreadable = true;
    return stdin_is_over;
  }
  ManifestReading reading = read_manifest({found, options.runner.manifest.limit});
  tell(told(reading, terminal_at(STDERR_FILENO)));
  daemon::Rereading again;
  if (!reading.failure.empty()) {
    again = rejected({.file = reading.name, .message = reading.failure});
    again.is_unreadable = reading.exit_code == kNoInput;
  } else if (reading.exit_code != kDone) {
    again.error_count = count_errors(reading);
    again.errors = std::move(reading.diagnostics);
    std::erase_if(again.errors, [](const Diagnostic& d) { return d.severity != Severity::error; });
  } else if (auto tasks = select(reading.manifest, {options.only, options.tags}); !tasks) {
    again = rejected({.file = reading.name, .message = tasks.error().message});
  } else {
    again.manifest = std::move(reading.manifest);
    again.manifest->tasks = *std::move(tasks);
    again.manifest->stop_timeout = options.runner.stop_timeout.value_or(again.manifest->stop_timeout);
  }
  again.stamp = reading.stamp;
  return again;
}

std::optional<Refusal> refuse(const OnceOptions& options) {
  if (options.all && (!options.tasks.empty() || !options.tags.empty())) {
    return Refusal{kUsage, "--all is every task: it goes with no TASK and no --tag"};
  }
  if (options.all || !options.tasks.empty() || !options.tags.empty()) return std::nullopt;
  return Refusal{kUsage, "which task? Name one, or use --tag or --all\nsee 'taskrun once --help'"};
}

// Told before anything runs: afterwards it would cost the results.
std::optional<Refusal> refuse_result_file(const std::string& path) {
  if (path.empty()) return std::nullopt;
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  if (::access(directory.empty() ? "." : directory.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  return Refusal{kCannotCreate, fail_errno(fmt::format("cannot write '{}'", printable(path)), errno).value().message};
}

bool is_enabled(const TaskSpecPtr& task) { return task->policy->enabled; }

// The task as it is run now: whoever asks for it does not want to wait for its jitter, and where it is forced it is
// enabled.
TaskSpecPtr wanted_now(const TaskSpecPtr& task, bool is_forced) {
  const bool is_ready = task->policy->jitter == Nanos::zero() && (is_enabled(task) || !is_forced);
  if (is_ready) return task;
  auto policy = std::make_shared<TaskPolicy>(*task->policy);
  policy->jitter = Nanos::zero();
  policy->enabled = policy->enabled || is_forced;
  auto copy = std::make_shared<TaskSpec>(*task);
  copy->policy = std::move(policy);
  return copy;
}

// A task that is named is wanted; of those that are merely among the meant, the disabled are left out.
std::optional<Refusal> leave_out_disabled(std::vector<TaskSpecPtr>& tasks, const OnceOptions& options) {
  for (const TaskSpecPtr& task : tasks) {
    const bool is_named = std::ranges::find(options.tasks, task->name) != options.tasks.end();
    if (!is_named || is_enabled(task)) continue;
    return Refusal{kUnavailable, fmt::format("task '{}' is disabled (--force runs it)", task->name)};
  }
  const bool were_some = !tasks.empty();
  std::erase_if(tasks, [](const TaskSpecPtr& task) { return !is_enabled(task); });
  if (were_some && tasks.empty()) return Refusal{kUnavailable, "every task meant is disabled (--force runs them)"};
  return std::nullopt;
}

}  // namespace

RunnerPlan plan(const StartOptions& options, ManifestReading reading) {
  if (options.state && options.no_state) return Refusal{kUsage, "--state and --no-state exclude each other"};
  if (options.watch && reading.found.empty()) return Refusal{kUsage, "--watch needs a file: stdin does not change"};
  if (!options.http && !options.http_hosts.list.empty()) return Refusal{kUsage, "--http-host needs --http"};
  auto tasks = select(reading.manifest, {options.only, options.tags});
  if (!tasks) return Refusal{kWrongManifest, tasks.error().message};
  daemon::Options plan;
  plan.read_task = [path = reading.path](const std::string& name, const std::string& definition,
                                         const Manifest& manifest) {
    return read_task(name, definition, path, manifest.pools);
  };
  plan.is_selection = !options.only.empty() || !options.tags.empty();
  plan.manifest_path = reading.found;
  plan.stamp = reading.stamp;
  plan.watches_manifest = options.watch;
  plan.read_again = [options, found = reading.found] { return read_again(options, found); };
  plan.run_for = options.run_for;
  plan.fail_on_error = options.fail_on_error;
  plan.http = options.http;
  plan.http_hosts = options.http_hosts.list;
  plan.duration_bounds = options.metrics_buckets.list;
  plan.retention.keep = options.history.keep.value_or(plan.retention.keep);
  plan.retention.keep_runs = options.history.keep_runs.value;
  plan.durability = options.history.durability;
  take_shared_part(plan, options.runner, options.instance.text, std::move(reading));
  plan.manifest.tasks = *std::move(tasks);
  return plan;
}

RunnerPlan plan(const OnceOptions& options, ManifestReading reading) {
  if (const auto refusal = refuse(options)) return *refusal;
  Result<std::vector<TaskSpecPtr>> tasks = select(reading.manifest, {options.tasks, options.tags});
  if (!tasks) return Refusal{kWrongManifest, tasks.error().message};
  for (TaskSpecPtr& task : *tasks) task = wanted_now(task, options.force);
  if (const auto refusal = leave_out_disabled(*tasks, options)) return *refusal;
  if (const auto refusal = refuse_result_file(options.result_file)) return *refusal;
  daemon::Options plan;
  take_shared_part(plan, options.runner, "", std::move(reading));
  plan.manifest.tasks = *std::move(tasks);
  plan.manifest.max_parallel = options.jobs;
  plan.once = true;
  plan.tee = !options.quiet;
  plan.result_file = options.result_file;
  return plan;
}

}  // namespace taskrun::cli
