#include "daemon/persisted_tasks.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/limits.h"
#include "base/text.h"
#include "control/json_body.h"
#include "manifest/json.h"

namespace taskrun::daemon {
namespace {

using control::Refused;

constexpr std::string_view kHead = "taskrun-tasks 1";

tl::unexpected<Refused> refuse(control::Refusal reason, std::string message) {
  return tl::unexpected(Refused{reason, std::move(message), {}});
}

// A line is the body of the request that added the task.
std::string line_of(const std::string& name, const std::string& definition) {
  return fmt::format("{{\"name\":{},\"task\":{}}}\n", manifest::quote_json(name), definition);
}

std::string mistakes_in(const Diagnostics& diagnostics) {
  const auto is_error = [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; };
  const auto first = std::ranges::find_if(diagnostics, is_error);
  const auto more = std::ranges::count_if(diagnostics, is_error) - 1;
  assert(first != diagnostics.end());  // or it would not be wrong
  std::string text = first->message;
  if (more > 0) text += fmt::format(" (and {} more)", more);
  return text;
}

}  // namespace

PersistedTasks::PersistedTasks(const std::string& state_directory)
    : file_(std::in_place, state_directory + "/tasks", "the record of persisted tasks", limits::kPersistedSize) {
  is_blocked_ = !file_->load([this](std::string_view text) -> Result<void> {
    auto tasks = read(text);
    if (!tasks) return tl::unexpected(tasks.error());
    tasks_ = *std::move(tasks);
    return {};
  });
}

Result<PersistedTasks::Tasks> PersistedTasks::read(std::string_view text) {
  const auto lines = read_counted_lines(kHead, text);
  if (!lines) return tl::unexpected(lines.error());
  Tasks tasks;
  std::size_t number = 1;
  for (const std::string_view line : *lines) {
    ++number;
    auto task = control::read_new_task(line);
    if (!task) return fail(fmt::format("line {}: {}", number, task.error().message));
    const bool is_new = tasks.try_emplace(task->name, std::move(task->definition), nullptr).second;
    if (!is_new) return fail(fmt::format("line {} is about a task again", number));
  }
  return tasks;
}

std::string PersistedTasks::text_of(const Tasks& tasks) {
  std::string text = counted_head(kHead, tasks.size());
  for (const auto& [name, kept] : tasks) text += line_of(name, kept.definition);
  return text;
}

std::vector<TaskSpecPtr> PersistedTasks::restore(const Manifest& manifest, const ReadTask& read_task) {
  std::set<std::string_view> taken;
  for (const TaskSpecPtr& task : manifest.tasks) taken.insert(task->name);
  std::vector<TaskSpecPtr> back;
  for (auto& [name, kept] : tasks_) {
    if (taken.contains(name)) {
      spdlog::warn("the persisted task '{}' does not come back: the manifest has a task of its name now", name);
      continue;
    }
    bring_back(name, kept, manifest, read_task);
    if (kept.spec != nullptr) back.push_back(kept.spec);
  }
  return back;
}

TaskSpecPtr PersistedTasks::restore(std::string_view name, const Manifest& manifest, const ReadTask& read_task) {
  const auto found = tasks_.find(name);
  if (found == tasks_.end()) return nullptr;
  bring_back(found->first, found->second, manifest, read_task);
  return found->second.spec;
}

void PersistedTasks::bring_back(const std::string& name, Kept& kept, const Manifest& manifest,
                                const ReadTask& read_task) {
  auto spec = read_task(name, kept.definition, manifest);
  kept.spec = spec ? *spec : nullptr;
  if (!spec) {
    spdlog::warn("the persisted task '{}' does not come back, but stays in '{}': {}", printable(name), file_->path(),
                 mistakes_in(spec.error()));
  }
}

tl::expected<void, Refused> PersistedTasks::keep(const control::NewTask& task, TaskSpecPtr spec) {
  using control::Refusal;
  if (!file_) return refuse(Refusal::no_state, "this runner has no state directory to keep a task in");
  Tasks tasks = tasks_;
  tasks.insert_or_assign(task.name, Kept{task.definition, std::move(spec)});
  const std::string text = text_of(tasks);
  if (tasks.size() > limits::kPersistedTasks || text.size() > limits::kPersistedSize.count) {
    return refuse(Refusal::too_many_persisted,
                  fmt::format("at most {} tasks are persisted, in at most {}: a manifest holds more",
                              limits::kPersistedTasks, format_bytes(limits::kPersistedSize)));
  }
  return replace(std::move(tasks), text);
}

tl::expected<void, Refused> PersistedTasks::forget(std::string_view name) {
  if (!tasks_.contains(name)) return {};
  Tasks tasks = tasks_;
  tasks.erase(tasks.find(name));
  const std::string text = text_of(tasks);
  return replace(std::move(tasks), text);
}

bool PersistedTasks::has(const TaskSpecPtr& spec) const {
  const auto found = tasks_.find(spec->name);
  return found != tasks_.end() && found->second.spec == spec;
}

// A file that was replaced, but whose directory could not be synced, may hold the new text: so the old one is put back,
// where that can be.
tl::expected<void, Refused> PersistedTasks::replace(Tasks tasks, const std::string& text) {
  using control::Refusal;
  if (is_blocked_) return refuse(Refusal::state_failed, fmt::format("'{}' holds what cannot be read", file_->path()));
  const auto saved = file_->save(text);
  if (!saved) {
    static_cast<void>(file_->save(text_of(tasks_)));
    return refuse(Refusal::state_failed, saved.error().message);
  }
  tasks_ = std::move(tasks);
  return {};
}

}  // namespace taskrun::daemon
