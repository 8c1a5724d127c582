#include "cli/run_choice.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/table.h"

namespace taskrun::cli {
namespace {

constexpr std::size_t kShortestBeginning = 4;
constexpr std::size_t kRunIdLength = 36;

struct Alive {
  const TaskSeen* task;
  const RunSeen* run;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_beginning_of_id(std::string_view word) {
  return word.size() >= kShortestBeginning && word.size() <= kRunIdLength &&
         word.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

std::vector<Alive> alive(const std::vector<TaskSeen>& tasks, auto is_meant) {
  std::vector<Alive> out;
  for (const TaskSeen& task : tasks) {
    for (const RunSeen& run : task.runs) {
      if (is_meant(task, run)) out.push_back({&task, &run});
    }
  }
  return out;
}

tl::unexpected<Trouble> several(const std::vector<Alive>& runs, std::string_view word) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& [task, run] : runs) rows.push_back({{"  " + run->id}, {task->name}, {run->state}});
  std::string list = table({}, {}, rows);
  list.pop_back();
  return tl::unexpected(
      Trouble{kUsage, "several_runs", fmt::format("'{}' may be any of these runs:\n{}", printable(word), list)});
}

Answered<std::string> only(const std::vector<Alive>& runs, std::string_view word, const Trouble& none) {
  if (runs.empty()) return tl::unexpected(none);
  return runs.size() > 1 ? several(runs, word) : Answered<std::string>(runs.front().run->id);
}

}  // namespace

Answered<std::string> choose_run(const std::vector<TaskSeen>& tasks, std::string_view word) {
  if (std::ranges::find(tasks, word, &TaskSeen::name) != tasks.end()) {
    const auto runs = alive(tasks, [&](const TaskSeen& task, const RunSeen&) { return task.name == word; });
    return only(runs, word, {kNotDone, "unknown_run", fmt::format("no run of '{}' is alive", word)});
  }
  const std::string id = lower(word);
  if (!is_beginning_of_id(id)) {
    return tl::unexpected(Trouble{kWrongManifest, "unknown_task",
                                  fmt::format("there is no task '{}', and it is no run's id", printable(word))});
  }
  const auto runs = alive(tasks, [&](const TaskSeen&, const RunSeen& run) { return run.id.starts_with(id); });
  return only(runs, word, {kNotDone, "unknown_run", fmt::format("no run '{}' is alive", printable(word))});
}

}  // namespace taskrun::cli
