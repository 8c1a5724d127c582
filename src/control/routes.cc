#include "control/routes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "control/answer_json.h"
#include "control/json_body.h"
#include "control/metrics_format.h"
#include "control/task_listing.h"

namespace taskrun::control {
namespace {

// Answers. -----------------------------------------------------------------------------------------------------------

Reply wrong(unsigned status, std::string_view code, std::string_view message) {
  return {status, error_json(code, message)};
}

Reply refused(const Refused& refusal) {
  return {status_of(refusal.reason), error_json(to_word(refusal.reason), refusal.message, refusal.diagnostics)};
}

Reply unknown_task(std::string_view name) {
  return refused({Refusal::unknown_task, fmt::format("there is no task '{}'", printable(name)), {}});
}

// The task as it is now; it may be gone, though it was there a moment ago.
Reply task_reply(Desk& desk, TaskKey key, unsigned status = 200) {
  const auto task = desk.task(key);
  return task ? Reply{status, to_json(*task)} : unknown_task(std::to_string(key.id));
}

// Requests. ----------------------------------------------------------------------------------------------------------

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A name comes first: a task may be called 7.
std::optional<TaskKey> task_of(const Call& call) {
  if (const auto named = call.desk.find(call.segment)) return named;
  const auto id = number_of<TaskId>(call.segment);
  return id ? call.desk.find(*id) : std::nullopt;
}

template <class Serve>
void with_task(const Call& call, Serve serve) {
  if (const auto key = task_of(call)) return serve(*key);
  call.reply(unknown_task(call.segment));
}

std::optional<bool> flag_of(const Call& call, std::string_view name) {
  const auto value = call.target.parameter(name);
  if (!value || *value == "false") return false;
  if (value->empty() || *value == "true") return true;
  call.reply(wrong(400, "bad_request", fmt::format("parameter '{}' is true or false", name)));
  return std::nullopt;
}

// Routes. ------------------------------------------------------------------------------------------------------------

void health(const Call& call) {
  const RunnerState runner = call.desk.runner();
  if (runner.is_stopping) return call.reply(refused({Refusal::stopping, "the runner is stopping", {}}));
  if (runner.loop_lag > limits::kLoopLag) {
    const auto seconds = std::chrono::duration<double>(runner.loop_lag).count();
    return call.reply(refused({Refusal::lagging, fmt::format("the runner's loop was {:.1f} s late", seconds), {}}));
  }
  call.reply({200, health_json(runner)});
}

void show_runner(const Call& call) { call.reply({200, to_json(call.desk.runner(), call.events.last_seq())}); }

void list_tasks(const Call& call) {
  auto listing = std::make_shared<TaskListing>(call.desk);
  std::string first = listing->next();
  if (listing->is_done()) return call.reply({200, std::move(first)});
  call.reply_in_pieces({200, std::move(first)}, [listing] { return listing->next(); });
}

void show_metrics(const Call& call) {
  const MetricsFormat format =
      prefers_openmetrics(call.accept) ? MetricsFormat::openmetrics : MetricsFormat::prometheus;
  const auto next = call.desk.metrics(format);
  Reply reply{200, next(), "", to_content_type(format)};
  const std::string second = next();
  if (second.empty()) return call.reply(std::move(reply));
  reply.body += second;
  call.reply_in_pieces(std::move(reply), next);
}

void add_task(const Call& call) {
  auto task = read_new_task(call.body);
  if (!task) return call.reply(wrong(400, "bad_request", task.error().message));
  call.desk.add(*task, [&desk = call.desk, reply = call.reply](const auto& added) {
    reply(added ? task_reply(desk, *added, 201) : refused(added.error()));
  });
}

void show_task(const Call& call) {
  with_task(call, [&](TaskKey key) { call.reply(task_reply(call.desk, key)); });
}

void remove_task(const Call& call) {
  const auto stop = flag_of(call, "stop");
  if (!stop) return;
  with_task(call, [&](TaskKey key) {
    const auto task = call.desk.task(key);
    const std::string name = task ? task->name : call.segment;
    call.desk.remove(key, *stop, [&desk = call.desk, reply = call.reply, key, name](const auto& done) {
      reply(done ? Reply{200, removed_json(name, key.id, !desk.task(key))} : refused(done.error()));
    });
  });
}

using Change = void (Desk::*)(TaskKey, Answer<Done>);

void change_task(const Call& call, Change change) {
  with_task(call, [&](TaskKey key) {
    (call.desk.*change)(key, [&desk = call.desk, reply = call.reply, key](const auto& done) {
      reply(done ? task_reply(desk, key) : refused(done.error()));
    });
  });
}

void pause_task(const Call& call) { change_task(call, &Desk::pause); }

void resume_task(const Call& call) { change_task(call, &Desk::resume); }

void trigger_task(const Call& call) {
  with_task(call, [&](TaskKey key) {
    const auto task = call.desk.task(key);
    if (!task) return call.reply(unknown_task(call.segment));
    auto env = read_trigger(call.body);
    if (!env) return call.reply(wrong(400, "bad_request", env.error().message));
    call.desk.trigger(key, *std::move(env), [reply = call.reply, name = task->name, id = task->id](const auto& run) {
      reply(run ? Reply{200, run_json(name, id, *run)} : refused(run.error()));
    });
  });
}

void cancel_run(const Call& call) {
  const auto run = parse_run_id(call.segment);
  const Refused unknown{Refusal::unknown_run, fmt::format("no run '{}' is alive", printable(call.segment)), {}};
  if (!run) return call.reply(refused(unknown));
  call.desk.cancel(*run, [reply = call.reply, run = *run](const auto& done) {
    reply(done ? Reply{200, word_json("run_id", run.text())} : refused(done.error()));
  });
}

void reload_manifest(const Call& call) {
  call.desk.reload([reply = call.reply](const auto& reloaded) {
    reply(reloaded ? Reply{200, to_json(*reloaded)} : refused(reloaded.error()));
  });
}

void stop_runner(const Call& call) {
  const auto now = flag_of(call, "now");
  if (!now) return;
  call.desk.stop(*now, [reply = call.reply](const auto& done) {
    reply(done ? Reply{200, word_json("status", "stopping")} : refused(done.error()));
  });
}

void follow_events(const Call& call) {
  const std::uint64_t last = call.events.last_seq();
  const auto asked = call.target.parameter("since");
  const auto since = asked ? number_of<std::uint64_t>(*asked) : last;
  if (!since) return call.reply(wrong(400, "bad_request", "parameter 'since' is a number"));
  if (*since > last) {
    const auto message = fmt::format("there is no event {} yet, only {}: was the runner started anew?", *since, last);
    return call.reply(wrong(409, "unknown_seq", message));
  }
  call.stream(EventCursor(*since, std::string(call.target.parameter("task").value_or(""))));
}

constexpr std::array kStop{RouteParameter{"stop", "boolean", "end its runs now; else they may finish"}};
constexpr std::array kNow{RouteParameter{"now", "boolean", "do not wait for runs, and give them no grace"}};
constexpr std::array kFollow{
    RouteParameter{"since", "integer", "begin after the line with this `seq`; absent: with what comes"},
    RouteParameter{"task", "string", "only lines of the task of this name"},
};
constexpr std::array kMayAil{Refusal::stopping, Refusal::lagging};
constexpr std::array kMayAdd{Refusal::wrong_task, Refusal::name_taken,         Refusal::stopping,
                             Refusal::no_state,   Refusal::too_many_persisted, Refusal::state_failed};
constexpr std::array kMayFind{Refusal::unknown_task};
constexpr std::array kMayPause{Refusal::unknown_task, Refusal::stopping};
constexpr std::array kMayRemove{Refusal::unknown_task, Refusal::state_failed};
constexpr std::array kMayTrigger{Refusal::unknown_task, Refusal::wrong_env, Refusal::disabled, Refusal::overlap,
                                 Refusal::paused,       Refusal::pool,      Refusal::stopping};
constexpr std::array kMayReload{Refusal::wrong_manifest, Refusal::unreadable_manifest, Refusal::stopping};
constexpr std::array kMayCancel{Refusal::unknown_run};

constexpr std::array kRoutes{
    Route{"GET",
          "/healthz",
          "Whether the runner is well: for health checks",
          {},
          "",
          200,
          "Health",
          kMayAil,
          health,
          true},
    Route{"GET",
          "/metrics",
          "What is counted and timed, for Prometheus and whoever reads its formats",
          {},
          "",
          200,
          kMetricsAnswer,
          {},
          show_metrics,
          true},
    Route{"GET", "/v1/runner", "The runner itself", {}, "", 200, "Runner", {}, show_runner},
    Route{"GET", "/v1/tasks", "Every task, in the order of ids", {}, "", 200, "Tasks", {}, list_tasks},
    Route{"POST", "/v1/tasks", "Adds a task", {}, "NewTask", 201, "Task", kMayAdd, add_task},
    Route{"GET", "/v1/tasks/{task}", "One task", {}, "", 200, "Task", kMayFind, show_task},
    Route{"DELETE", "/v1/tasks/{task}", "Removes a task", kStop, "", 200, "Removed", kMayRemove, remove_task},
    Route{"POST",
          "/v1/tasks/{task}/pause",
          "Nothing of the task starts by itself until it is resumed",
          {},
          "",
          200,
          "Task",
          kMayPause,
          pause_task},
    Route{"POST", "/v1/tasks/{task}/resume", "Takes the pause back", {}, "", 200, "Task", kMayPause, resume_task},
    Route{"POST",
          "/v1/tasks/{task}/trigger",
          "Runs the task now",
          {},
          "Trigger",
          200,
          "Triggered",
          kMayTrigger,
          trigger_task},
    Route{"POST",
          "/v1/runs/{run}/cancel",
          "Ends a run: its outcome is `cancelled`",
          {},
          "",
          200,
          "Cancelled",
          kMayCancel,
          cancel_run},
    Route{"POST",
          "/v1/reload",
          "Reads the manifest again, and takes over all of it or nothing",
          {},
          "",
          200,
          "Reloaded",
          kMayReload,
          reload_manifest},
    Route{"POST", "/v1/stop", "Stops the runner, as SIGTERM does", kNow, "", 200, "Stopping", {}, stop_runner},
    Route{"GET",
          "/v1/events",
          "The event lines as they come, until the runner or the reader ends",
          kFollow,
          "",
          200,
          "",
          {},
          follow_events},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

unsigned status_of(Refusal reason) {
  switch (reason) {
    case Refusal::unknown_task:
    case Refusal::unknown_run: return 404;
    case Refusal::wrong_task:
    case Refusal::wrong_env:
    case Refusal::wrong_manifest:
    case Refusal::unreadable_manifest: return 400;
    case Refusal::name_taken:
    case Refusal::disabled:
    case Refusal::overlap:
    case Refusal::paused:
    case Refusal::pool:
    case Refusal::no_state:
    case Refusal::too_many_persisted: return 409;
    case Refusal::stopping:
    case Refusal::state_failed:
    case Refusal::lagging: return 503;
  }
  __builtin_unreachable();
}

std::string_view to_word(Refusal value) {
  switch (value) {
    case Refusal::unknown_task: return "unknown_task";
    case Refusal::unknown_run: return "unknown_run";
    case Refusal::wrong_task: return "wrong_task";
    case Refusal::wrong_env: return "wrong_env";
    case Refusal::wrong_manifest: return "wrong_manifest";
    case Refusal::unreadable_manifest: return "unreadable_manifest";
    case Refusal::name_taken: return "name_taken";
    case Refusal::disabled: return "disabled";
    case Refusal::overlap: return "overlap";
    case Refusal::paused: return "paused";
    case Refusal::pool: return "pool";
    case Refusal::stopping: return "stopping";
    case Refusal::no_state: return "no_state";
    case Refusal::too_many_persisted: return "too_many_persisted";
    case Refusal::state_failed: return "state_failed";
    case Refusal::lagging: return "lagging";
  }
  __builtin_unreachable();
}

}  // namespace taskrun::control
