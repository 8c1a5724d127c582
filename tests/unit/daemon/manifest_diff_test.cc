#include "daemon/manifest_diff.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::daemon;
using namespace std::chrono_literals;

namespace {

using PolicyPtr = std::shared_ptr<const TaskPolicy>;

PolicyPtr policy_with(Nanos timeout) {
  auto policy = std::make_shared<TaskPolicy>();
  policy->timeout = timeout;
  return policy;
}

TaskSpecPtr task(const std::string& name, const std::string& command, Schedule schedule, PolicyPtr policy) {
  return std::make_shared<TaskSpec>(TaskSpec{name, ShellText{command}, std::move(schedule), std::move(policy)});
}

TaskSpecPtr plain(const std::string& name, const std::string& command = "true") {
  return task(name, command, Every{10s}, policy_with(1s));
}

Manifest manifest_of(std::vector<TaskSpecPtr> tasks) {
  Manifest manifest;
  manifest.tasks = std::move(tasks);
  return manifest;
}

std::string names(const std::vector<TaskSpecPtr>& tasks) {
  std::string out;
  for (const TaskSpecPtr& one : tasks) out += one->name + " ";
  return out;
}

}  // namespace

TEST_CASE("tasks are told apart by name and compared by what they say") {
  const Manifest before = manifest_of({plain("a"), plain("b"), plain("c")});
  Manifest fresh = manifest_of({plain("d"), plain("b", "false"), plain("a")});
  const ManifestDiff diff = take_differences(before, fresh);
  CHECK(names(diff.added) == "d ");
  CHECK(names(diff.changed) == "b ");
  CHECK(diff.removed == std::vector<std::string>{"c"});
  CHECK(diff.unchanged == 1);
}

TEST_CASE("what is unchanged becomes the definition of before, the rest stays new") {
  const Manifest before = manifest_of({plain("a"), plain("b")});
  Manifest fresh = manifest_of({plain("a"), plain("b", "false")});
  const TaskSpecPtr changed = fresh.tasks[1];
  static_cast<void>(take_differences(before, fresh));
  CHECK(fresh.tasks[0] == before.tasks[0]);
  CHECK(fresh.tasks[1] == changed);
}

TEST_CASE("each part of a definition counts") {
  const PolicyPtr shared = policy_with(1s);
  const Manifest before = manifest_of({task("a", "true", Every{10s}, shared), task("b", "true", Every{10s}, shared)});
  const auto changes = [&](TaskSpecPtr a, TaskSpecPtr b) {
    Manifest fresh = manifest_of({std::move(a), std::move(b)});
    return names(take_differences(before, fresh).changed);
  };
  const PolicyPtr same = policy_with(1s), other = policy_with(2s);
  CHECK(changes(task("a", "true", Every{10s}, same), task("b", "true", Every{10s}, same)) == "");
  CHECK(changes(task("a", "true", Every{10s}, same), task("b", "true", Every{10s}, other)) == "b ");
  CHECK(changes(task("a", "true", Every{10s}, other), task("b", "true", Every{10s}, same)) == "a ");
  CHECK(changes(task("a", "true", Every{11s}, same), task("b", "true", Delay{10s}, same)) == "a b ");
  CHECK(changes(task("a", "false", Every{10s}, same), task("b", "true", Every{10s}, same)) == "a ");
}

TEST_CASE("an empty manifest removes everything, and the first adds it") {
  const Manifest none, two = manifest_of({plain("a"), plain("b")});
  Manifest fresh = two, empty;
  CHECK(names(take_differences(none, fresh).added) == "a b ");
  CHECK(take_differences(two, empty).removed == std::vector<std::string>{"a", "b"});
}
