#include "cli/runner_view.h"

#include <string_view>
#include <utility>

namespace taskrun::cli {
namespace {

void drop_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
}

// {"tasks":[…]}, as the runner would answer for these alone.
Answered<std::string> ask_for(const RunnerLink& link, const std::vector<std::string>& names) {
  if (names.empty()) return link.ask("GET", "/v1/tasks");
  std::string list;
  for (const std::string& name : names) {
    auto task = link.ask("GET", task_target(name));
    if (!task) return task;
    drop_line_end(*task);
    list += (list.empty() ? "" : ",") + *task;
  }
  return "{\"tasks\":[" + list + "]}\n";
}

}  // namespace

Answered<RunnerView> look(const RunnerLink& link, const std::vector<std::string>& names) {
  RunnerView view;
  auto runner = link.ask("GET", "/v1/runner");
  if (!runner) return tl::unexpected(runner.error());
  auto seen = read_runner(*runner);
  if (!seen) return tl::unexpected(seen.error());
  auto tasks = ask_for(link, names);
  if (!tasks) return tl::unexpected(tasks.error());
  auto tasks_seen = read_tasks(*tasks);
  if (!tasks_seen) return tl::unexpected(tasks_seen.error());
  return RunnerView{*std::move(seen), *std::move(tasks_seen), *std::move(runner), *std::move(tasks)};
}

// Both are known to be objects, and the second to have its list.
std::string to_json(const RunnerView& view) {
  std::string runner = view.runner_body;
  drop_line_end(runner);
  return "{\"runner\":" + runner + ',' + view.tasks_body.substr(view.tasks_body.find('{') + 1);
}

}  // namespace taskrun::cli
