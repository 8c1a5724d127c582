#include "cli/selection.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/suggestion.h"

namespace taskrun::cli {
namespace {

using Words = std::vector<std::string_view>;

tl::unexpected<Error> unknown(std::string_view what, std::string_view word, const Words& there_are) {
  return fail(fmt::format("{} '{}'{}", what, printable(word), did_you_mean(word, there_are)));
}

using TasksByName = std::unordered_map<std::string_view, TaskSpecPtr>;

// Of 100,000 names each is looked up at once.
Result<std::vector<TaskSpecPtr>> named(const Manifest& manifest, std::span<const std::string> names) {
  TasksByName by_name;
  if (!names.empty()) {
    for (const TaskSpecPtr& task : manifest.tasks) by_name.emplace(task->name, task);
  }
  std::vector<TaskSpecPtr> found;
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : names) {
    const auto task = by_name.find(name);
    if (task == by_name.end()) {
      Words there_are;
      for (const TaskSpecPtr& other : manifest.tasks) there_are.push_back(other->name);
      return unknown("unknown task", name, there_are);
    }
    if (seen.insert(name).second) found.push_back(task->second);
  }
  return found;
}

// A tag that no task has, or nothing.
std::optional<std::string_view> unused_tag(std::span<const std::string> tags, const Words& used) {
  const auto unused =
      std::ranges::find_if(tags, [&](std::string_view tag) { return std::ranges::find(used, tag) == used.end(); });
  return unused != tags.end() ? std::optional<std::string_view>(*unused) : std::nullopt;
}

Words tags_of(const Manifest& manifest) {
  std::unordered_set<std::string_view> tags;
  for (const TaskSpecPtr& task : manifest.tasks) tags.insert(task->policy->tags.begin(), task->policy->tags.end());
  return {tags.begin(), tags.end()};
}

bool has_tag(const TaskSpec& task, std::span<const std::string> tags) {
  return std::ranges::any_of(task.policy->tags,
                             [&](const std::string& tag) { return std::ranges::find(tags, tag) != tags.end(); });
}

}  // namespace

Result<std::vector<TaskSpecPtr>> select(const Manifest& manifest, const Selector& selector) {
  if (selector.names.empty() && selector.tags.empty()) return manifest.tasks;
  Result<std::vector<TaskSpecPtr>> chosen = named(manifest, selector.names);
  if (!chosen || selector.tags.empty()) return chosen;
  const Words used = tags_of(manifest);
  if (const auto tag = unused_tag(selector.tags, used)) return unknown("no task has the tag", *tag, used);
  const std::unordered_set<TaskSpecPtr> already(chosen->begin(), chosen->end());
  std::ranges::copy_if(manifest.tasks, std::back_inserter(*chosen), [&](const TaskSpecPtr& task) {
    return has_tag(*task, selector.tags) && !already.contains(task);
  });
  return chosen;
}

}  // namespace taskrun::cli
