#include <fmt/format.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/runner_link.h"

namespace taskrun::cli {
namespace {

Answered<std::string> to_text(const std::string& body) {
  const auto task = read_text(body, "task");
  const auto run = read_text(body, "run_id");
  if (!task || !run) return tl::unexpected(task ? run.error() : task.error());
  return fmt::format("{}: run {}\n", *task, *run);
}

// A refusal that is a reason not to run says so with its word, as run_skipped does.
Trouble named(Trouble trouble, const std::string& task) {
  if (trouble.exit_code != kUnavailable) return trouble;
  trouble.message = fmt::format("{} is not run: {} ({})", printable(task), trouble.message, trouble.code);
  return trouble;
}

}  // namespace

int trigger(const TriggerOptions& options) {
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return give_up("trigger", options.ask, runner.error());
  const auto body = runner->link.ask("POST", task_target(options.task, "/trigger"));
  const auto text = !body || options.ask.json ? body : to_text(*body);
  return text ? answer(*text) : give_up("trigger", options.ask, named(text.error(), options.task));
}

}  // namespace taskrun::cli
