#include "daemon/manifest_diff.h"

#include <string_view>
#include <unordered_map>

namespace taskrun::daemon {
namespace {

// Compares two policies; of the pair that was compared last it knows the answer, because most tasks of a manifest share
// one.
class PolicyComparison {
 public:
  bool are_equal(const TaskPolicy* before, const TaskPolicy* fresh) {
    if (before == before_ && fresh == fresh_) return is_equal_;
    before_ = before;
    fresh_ = fresh;
    is_equal_ = *before == *fresh;
    return is_equal_;
  }

 private:
  const TaskPolicy* before_ = nullptr;
  const TaskPolicy* fresh_ = nullptr;
  bool is_equal_ = false;
};

}  // namespace

ManifestDiff take_differences(const Manifest& before, Manifest& fresh) {
  std::unordered_map<std::string_view, const TaskSpecPtr*> known;
  known.reserve(before.tasks.size());
  for (const TaskSpecPtr& task : before.tasks) known.emplace(task->name, &task);
  ManifestDiff diff;
  PolicyComparison policies;
  for (TaskSpecPtr& task : fresh.tasks) {
    const auto found = known.find(task->name);
    if (found == known.end()) {
      diff.added.push_back(task);
      continue;
    }
    const TaskSpecPtr& old = *found->second;
    known.erase(found);
    const bool is_same = old->what == task->what && old->schedule == task->schedule &&
                         policies.are_equal(old->policy.get(), task->policy.get());
    if (is_same) {
      task = old;
      ++diff.unchanged;
    } else {
      diff.changed.push_back(task);
    }
  }
  for (const TaskSpecPtr& task : before.tasks) {
    if (known.contains(task->name)) diff.removed.push_back(task->name);
  }
  return diff;
}

}  // namespace taskrun::daemon
