#include "cli/selection.h"

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::cli;

namespace {

TaskSpecPtr task(std::string name, std::vector<std::string> tags) {
  TaskPolicy policy;
  policy.tags = std::move(tags);
  return std::make_shared<TaskSpec>(
      TaskSpec{std::move(name), ShellText{"true"}, OnRequest{}, std::make_shared<TaskPolicy>(std::move(policy))});
}

Manifest accounts() {
  Manifest manifest;
  manifest.tasks = {task("billing", {"money", "nightly"}), task("report", {"nightly"}), task("smoke", {})};
  return manifest;
}

using Words = std::vector<std::string>;

// The names of what is selected, or what is wrong.
std::string chosen(const Words& names, const Words& tags = {}) {
  const auto tasks = select(accounts(), {names, tags});
  if (!tasks) return tasks.error().message;
  std::string out;
  for (const TaskSpecPtr& spec : *tasks) out += (out.empty() ? "" : " ") + spec->name;
  return out;
}

}  // namespace

TEST_CASE("nothing named means every task") { CHECK(chosen({}) == "billing report smoke"); }

TEST_CASE("names in their order, then tags in the manifest's, each task once") {
  CHECK(chosen({"smoke", "billing"}) == "smoke billing");
  CHECK(chosen({"billing", "billing"}) == "billing");
  CHECK(chosen({}, {"nightly"}) == "billing report");
  CHECK(chosen({"smoke", "report"}, {"money", "nightly"}) == "smoke report billing");
}

TEST_CASE("a name or a tag that no task has is a mistake that tells the nearest") {
  CHECK(chosen({"biling"}) == "unknown task 'biling': did you mean \"billing\"?");
  CHECK(chosen({"billing", "zzz"}) == "unknown task 'zzz'");
  CHECK(chosen({}, {"nightli"}) == "no task has the tag 'nightli': did you mean \"nightly\"?");
  CHECK(chosen({"a\x1b[2J"}) == "unknown task 'a\\u{001b}[2J'");
}
