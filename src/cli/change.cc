// `remove`, `pause` and `resume` are one request for each task that is named; the next one is made even where one was
// refused.

#include <fmt/format.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/runner_link.h"
#include "cli/waiting.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

std::string_view word_of(Change change) {
  switch (change) {
    case Change::remove: return "remove";
    case Change::pause: return "pause";
    case Change::resume: return "resume";
  }
  __builtin_unreachable();
}

Answered<std::string> ask(const RunnerLink& link, const ChangeOptions& options, const std::string& task) {
  switch (options.change) {
    case Change::remove: return link.ask("DELETE", task_target(task, options.stop ? "?stop=true" : ""));
    case Change::pause: return link.ask("POST", task_target(task, "/pause"));
    case Change::resume: return link.ask("POST", task_target(task, "/resume"));
  }
  __builtin_unreachable();
}

Answered<std::string> removed_text(const std::string& body) {
  const auto name = read_text(body, "task");
  const auto is_gone = read_truth(body, "gone");
  if (!name || !is_gone) return tl::unexpected(name ? is_gone.error() : name.error());
  return fmt::format("{}: removed{}\n", *name, *is_gone ? "" : "; a run of it, or its on_stop, still ends");
}

Answered<std::string> to_text(Change change, const std::string& body) {
  if (change == Change::remove) return removed_text(body);
  const auto task = read_task(body);
  if (!task) return tl::unexpected(task.error());
  if (change == Change::pause) return fmt::format("{}: paused\n", task->name);
  const std::string next =
      task->next_run_at ? fmt::format(", next {}", coming_in(*task->next_run_at - sys::read_clocks().wall)) : "";
  return fmt::format("{}: resumed{}\n", task->name, next);
}

Answered<std::string> change_one(const RunnerLink& link, const ChangeOptions& options, const std::string& task) {
  const auto body = ask(link, options, task);
  return !body || options.ask.json ? body : to_text(options.change, *body);
}

}  // namespace

int change(const ChangeOptions& options) {
  const std::string_view command = word_of(options.change);
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return give_up(command, options.ask, runner.error());
  int exit_code = kDone;
  for (const std::string& task : options.tasks) {
    const auto changed = change_one(runner->link, options, task);
    const int code = changed ? answer(*changed) : give_up(command, options.ask, changed.error());
    if (code == kNoRunner || code == kOutputFailed) return code;
    if (exit_code == kDone) exit_code = code;
  }
  return exit_code;
}

}  // namespace taskrun::cli
