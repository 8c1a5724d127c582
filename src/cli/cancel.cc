#include <fmt/format.h>

#include "base/ids.h"
#include "cli/answer.h"
#include "cli/run.h"
#include "cli/run_choice.h"
#include "cli/runner_link.h"

namespace taskrun::cli {
namespace {

Answered<std::string> run_meant(const RunnerLink& link, const std::string& word) {
  if (const auto id = parse_run_id(word)) return id->text();
  const auto body = link.ask("GET", "/v1/tasks");
  if (!body) return tl::unexpected(body.error());
  const auto tasks = read_tasks(*body);
  return tasks ? choose_run(*tasks, word) : tl::unexpected(tasks.error());
}

Answered<std::string> cancel_run(const CancelOptions& options) {
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return tl::unexpected(runner.error());
  const auto run = run_meant(runner->link, options.run);
  if (!run) return run;
  const auto body = runner->link.ask("POST", fmt::format("/v1/runs/{}/cancel", *run));
  if (!body || options.ask.json) return body;
  return fmt::format("run {}: is being ended\n", *run);
}

}  // namespace

int cancel(const CancelOptions& options) {
  const auto text = cancel_run(options);
  return text ? answer(*text) : give_up("cancel", options.ask, text.error());
}

}  // namespace taskrun::cli
