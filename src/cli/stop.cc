#include <fmt/format.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/runner_link.h"

namespace taskrun::cli {
namespace {

// Every line until the last; a runner that goes away in the middle has stopped, too.
void wait_for_end(control::EventStream& events) {
  while (!events.has_ended() && events.read()) {
  }
}

Answered<std::string> stop_runner(const StopOptions& options) {
  const auto link = RunnerLink::find(options.ask.runner);
  if (!link) return tl::unexpected(link.error());
  const auto seen = link->look();
  if (!seen) return tl::unexpected(seen.error());
  auto events = options.wait ? link->follow("/v1/events") : no_runner("");
  if (options.wait && !events) return tl::unexpected(events.error());
  const auto body = link->ask("POST", options.now ? "/v1/stop?now=true" : "/v1/stop");
  if (!body) return body;
  if (options.wait) wait_for_end(*events);
  if (options.ask.json) return body;
  return fmt::format("{}: {}\n", seen->instance, options.wait ? "has stopped" : "is stopping");
}

}  // namespace

int stop(const StopOptions& options) {
  const auto text = stop_runner(options);
  return text ? answer(*text) : give_up("stop", options.ask, text.error());
}

}  // namespace taskrun::cli
