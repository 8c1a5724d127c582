#include <csignal>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/run_wait.h"
#include "cli/runner_link.h"

namespace taskrun::cli {
namespace {

constexpr int kSignalBase = 128;

struct Triggered {
  std::string task;
  std::string run;
  std::string body;
};

Answered<Triggered> ask(const RunnerLink& link, const TriggerOptions& options) {
  const std::string with = options.env.empty() ? "" : fmt::format("{{\"env\":{}}}", variables_json(options.env, false));
  auto body = link.ask("POST", task_target(options.task, "/trigger"), with);
  if (!body) return tl::unexpected(body.error());
  const auto task = read_text(*body, "task");
  const auto run = read_text(*body, "run_id");
  if (!task || !run) return tl::unexpected(task ? run.error() : task.error());
  return Triggered{*task, *run, *std::move(body)};
}

// A refusal that is a reason not to run says so with its word, as run_skipped does.
Trouble named(Trouble trouble, const std::string& task) {
  if (trouble.exit_code != kUnavailable) return trouble;
  trouble.message = fmt::format("{} is not run: {} ({})", printable(task), trouble.message, trouble.code);
  return trouble;
}

int tell_run(const TriggerOptions& options, const Triggered& triggered) {
  return answer(options.ask.json ? triggered.body : fmt::format("{}: run {}\n", triggered.task, triggered.run));
}

int leave(const Triggered& triggered, int signal) {
  tell(fmt::format("taskrun trigger: no longer waiting; the run goes on ('taskrun cancel {}' ends it)\n",
                   triggered.run));
  return kSignalBase + signal;
}

int tell_end(const TriggerOptions& options, const Triggered& triggered, const Ended& ended) {
  if (!options.ask.json) tell(ended.output);
  const std::string text = fmt::format("{}: {}\n", triggered.task, ended.text);
  const int written = answer(options.ask.json ? ended.line : text);
  return written != kDone ? written : exit_code_of(ended);
}

// Before the run is asked for: nothing of it can be missed, also where it ends with its runner. Lines are of a task by
// name; what may be an id is found among those of all.
Answered<Following> follow(const ReadyRunner& runner, const TriggerOptions& options) {
  const bool may_be_id = options.task.find_first_not_of("0123456789") == std::string::npos;
  return Following::begin(runner.link, runner.seen.seq, may_be_id ? "" : options.task, {});
}

int await_end(const ReadyRunner& runner, Following& following, const TriggerOptions& options,
              const Triggered& triggered) {
  const auto heeded = following.heed({SIGINT, SIGTERM, SIGHUP});
  if (!heeded) return give_up("trigger", options.ask, heeded.error());
  const auto ended = wait_for_run(runner.link, following, triggered.task, triggered.run);
  if (!ended) return give_up("trigger", options.ask, ended.error());
  if (const auto* const interrupted = std::get_if<Interrupted>(&*ended)) return leave(triggered, interrupted->signal);
  return tell_end(options, triggered, std::get<Ended>(*ended));
}

}  // namespace

int trigger(const TriggerOptions& options) {
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return give_up("trigger", options.ask, runner.error());
  std::optional<Following> following;
  if (options.wait) {
    auto begun = follow(*runner, options);
    if (!begun) return give_up("trigger", options.ask, begun.error());
    following = *std::move(begun);
  }
  const auto triggered = ask(runner->link, options);
  if (!triggered) return give_up("trigger", options.ask, named(triggered.error(), options.task));
  const int written = tell_run(options, *triggered);
  return written == kDone && following ? await_end(*runner, *following, options, *triggered) : written;
}

}  // namespace taskrun::cli
