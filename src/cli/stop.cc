#include <cerrno>

#include <fmt/format.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/following.h"
#include "cli/run.h"
#include "cli/runner_link.h"

namespace taskrun::cli {
namespace {

bool is_same(const RunnerSeen& one, const RunnerSeen& other) {
  return one.pid == other.pid && one.started_at == other.started_at;
}

// One that goes away just while it is asked gives no answer; nobody is there the next time.
Answered<RunnerSeen> look_closely(const RunnerLink& link) {
  auto seen = link.look();
  return seen || seen.error().error_code != EPROTO ? seen : link.look();
}

// A stream that broke says nothing: who was stopped for a while has been cut off. Whether the runner goes on, and is
// followed again; it does not where nobody listens, or its successor.
Answered<bool> goes_on(const RunnerLink& link, const RunnerSeen& meant, Following& following) {
  const auto seen = look_closely(link);
  if (seen && !is_same(*seen, meant)) return false;
  const auto begun = seen ? following.begin_again(seen->seq, "") : tl::unexpected(seen.error());
  if (begun) return true;
  return begun.error().error_code == ECONNREFUSED ? Answered<bool>(false) : tl::unexpected(begun.error());
}

Answered<void> wait_for_end(const RunnerLink& link, const RunnerSeen& meant, Following& following) {
  for (;;) {
    const auto step = following.next();
    if (step && std::holds_alternative<Following::End>(*step)) return {};
    if (step) continue;
    if (step.error().error_code != ECONNRESET) return tl::unexpected(step.error());
    const auto is_alive = goes_on(link, meant, following);
    if (!is_alive) return tl::unexpected(is_alive.error());
    if (!*is_alive) return {};
  }
}

Answered<std::string> ask_to_stop(const RunnerLink& link, const StopOptions& options) {
  return link.ask("POST", options.now ? "/v1/stop?now=true" : "/v1/stop");
}

// The events are followed from before it is asked: its end cannot be missed.
Answered<std::string> stop_and_wait(const RunnerLink& link, const RunnerSeen& runner, const StopOptions& options) {
  auto following = Following::begin(link, runner.seq, "", {});
  if (!following) return tl::unexpected(following.error());
  auto body = ask_to_stop(link, options);
  if (!body) return body;
  if (const auto waited = wait_for_end(link, runner, *following); !waited) return tl::unexpected(waited.error());
  return body;
}

Answered<std::string> stop_runner(const StopOptions& options) {
  const auto link = RunnerLink::find(options.ask.runner);
  if (!link) return tl::unexpected(link.error());
  const auto seen = link->look();
  if (!seen) return tl::unexpected(seen.error());
  const auto body = options.wait ? stop_and_wait(*link, *seen, options) : ask_to_stop(*link, options);
  if (!body || options.ask.json) return body;
  return fmt::format("{}: {}\n", seen->instance, options.wait ? "has stopped" : "is stopping");
}

}  // namespace

int stop(const StopOptions& options) {
  const auto text = stop_runner(options);
  return text ? answer(*text) : give_up("stop", options.ask, text.error());
}

}  // namespace taskrun::cli
