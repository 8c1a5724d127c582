#include "cli/status_table.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "cli/length.h"
#include "cli/table.h"
#include "cli/waiting.h"

namespace taskrun::cli {
namespace {

// Of the columns before the last; what is left of 80 is for that.
constexpr std::size_t kRoomForOthers = 52;
constexpr std::size_t kShortestName = 12;

std::string counted(std::size_t count, std::string_view word) { return fmt::format(", {} {}", count, word); }

std::string since(WallTime then, WallTime now) {
  const Nanos ago = std::chrono::floor<std::chrono::seconds>(now - then);
  return ago < std::chrono::seconds(1) ? "just now" : in_words(-ago);
}

// A run that has ended, and is not yet told, is nothing that people need to know of.
std::string_view words_for(std::string_view state) {
  if (state == "backing_off") return "retry waits";
  return state == "recording" ? "running" : state;
}

// Of several runs the state is the oldest one's; runs that have begun are counted with it, and those that wait beside
// it.
Cell state_cell(const TaskSeen& task, WallTime now) {
  if (task.runs.empty()) {
    const bool is_plain = task.state == "idle";
    return {task.state, is_plain ? std::nullopt : std::optional(Paint::yellow)};
  }
  const RunSeen& run = task.runs.front();
  const auto waiting = static_cast<std::size_t>(std::ranges::count(task.runs, "waiting", &RunSeen::state));
  const std::size_t others = run.state == "waiting" ? 0 : waiting;
  const std::size_t alike = task.runs.size() - others;
  std::string text(words_for(task.state));
  if (alike > 1) text += fmt::format(" x{}", alike);
  if (others > 0) text += fmt::format(" +{} waiting", others);
  const bool is_measured = task.runs.size() == 1 && run.started_at && run.state != "backing_off";
  if (is_measured) text += ' ' + age_of(*run.started_at, now);
  return {text, words_for(task.state) == "running" ? Paint::green : Paint::yellow};
}

Cell next_cell(const TaskSeen& task, WallTime now) {
  if (!task.next_run_at || task.is_paused) return {"-", Paint::dim};
  const Nanos wait = std::chrono::floor<std::chrono::seconds>(*task.next_run_at - now);
  if (wait < std::chrono::seconds(1)) return {"now"};
  return {in_words(wait)};
}

std::string ending(const LastRunSeen& run) {
  if (!run.error.empty()) return run.error;
  const std::string took = "took " + length_of(run.duration);
  if (!run.signal.empty()) return fmt::format("{}, {}", run.signal, took);
  if (run.outcome == "success" || !run.exit_code) return took;
  return fmt::format("exit {}, {}", *run.exit_code, took);
}

Cell last_cell(const TaskSeen& task, WallTime now) {
  if (!task.last_run) return {"-", Paint::dim};
  const LastRunSeen& run = *task.last_run;
  const bool is_good = run.outcome == "success";
  return {fmt::format("{} {}, {}", run.outcome, since(run.started_at + run.duration, now), ending(run)),
          is_good ? Paint::green : Paint::red};
}

std::string shortened(const std::string& name, std::size_t most) {
  return name.size() <= most ? name : name.substr(0, most - 1) + "…";
}

std::size_t room_for_name(const Terminal& terminal) {
  if (!terminal.width) return std::numeric_limits<std::size_t>::max();
  return std::max(kShortestName, *terminal.width - std::min(*terminal.width, kRoomForOthers));
}

}  // namespace

std::string runner_line(const RunnerSeen& runner, WallTime now) {
  std::string line =
      fmt::format("{}: taskrun {}, pid {}, up {}{}", runner.instance, runner.version, runner.pid,
                  age_of(runner.started_at, now), counted(runner.tasks, runner.tasks == 1 ? "task" : "tasks"));
  if (runner.running > 0) line += counted(runner.running, "running");
  if (runner.paused > 0) line += counted(runner.paused, "paused");
  line += runner.is_stopping ? ", stopping\n" : "\n";
  if (runner.manifest_error.empty()) return line;
  return line + fmt::format("the manifest was refused, the one before is in force: {}\n", runner.manifest_error);
}

std::string task_table(const std::vector<TaskSeen>& tasks, WallTime now, const Terminal& terminal, std::size_t most) {
  constexpr std::size_t kHeading = 1;
  const bool is_cut = tasks.size() + kHeading > most;
  const std::size_t shown = is_cut ? most - std::min(most, kHeading + 1) : tasks.size();
  std::vector<std::vector<Cell>> rows;
  for (std::size_t i = 0; i < shown; ++i) {
    const TaskSeen& task = tasks[i];
    rows.push_back({{shortened(task.name, room_for_name(terminal))},
                    state_cell(task, now),
                    next_cell(task, now),
                    last_cell(task, now)});
  }
  std::string text = table(terminal, {"TASK", "STATE", "NEXT", "LAST RUN"}, rows);
  if (is_cut) text += fmt::format("… and {} more\n", tasks.size() - shown);
  return text;
}

std::string status_text(const RunnerSeen& runner, const std::vector<TaskSeen>& tasks, WallTime now,
                        const Terminal& terminal) {
  std::string head;
  std::size_t lines = 1;  // the empty one
  std::istringstream about(runner_line(runner, now));
  for (std::string line; std::getline(about, line); ++lines) {
    head += (terminal.height && terminal.width ? cut(line, *terminal.width) : line) + '\n';
  }
  if (tasks.empty()) return head;
  const std::size_t most =
      terminal.height ? *terminal.height - std::min(*terminal.height, lines) : std::numeric_limits<std::size_t>::max();
  return head + '\n' + task_table(tasks, now, terminal, most);
}

}  // namespace taskrun::cli
