#include <fmt/format.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/runner_link.h"
#include "cli/runner_view.h"
#include "cli/status_table.h"
#include "cli/status_watch.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

// As long as it is: a terminal scrolls.
std::string to_text(const RunnerView& view) {
  Terminal terminal = terminal_at(STDOUT_FILENO);
  terminal.height.reset();
  return status_text(view.runner, view.tasks, sys::read_clocks().wall, terminal);
}

// For health checks: one line, and an exit code that nobody has to read up on.
int check_health(const RunnerLink& link, const AskOptions& options) {
  const auto health = link.ask("GET", "/healthz");
  if (health) return answer(options.json ? *health : "ok\n");
  Trouble trouble = health.error();
  trouble.exit_code = kNoRunner;
  return give_up("status", options, trouble);
}

int show_status(const RunnerLink& link, const StatusOptions& options) {
  const auto view = look(link, options.tasks);
  if (!view) return give_up("status", options.ask, view.error());
  const int written = answer(options.ask.json ? to_json(*view) : to_text(*view));
  if (written != kDone || !view->runner.is_stopping) return written;
  tell(fmt::format("taskrun status: the runner '{}' is stopping\n", view->runner.instance));
  return kNoRunner;
}

}  // namespace

int status(const StatusOptions& options) {
  const auto link = RunnerLink::find(options.ask.runner);
  if (!link) return give_up("status", options.ask, link.error());
  if (options.watch) return watch_status(*link, options);
  return options.check ? check_health(*link, options.ask) : show_status(*link, options);
}

}  // namespace taskrun::cli
