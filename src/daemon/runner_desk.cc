#include "daemon/runner_desk.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "daemon/engine_present.h"
#include "manifest/env_file.h"
#include "sys/clock.h"

namespace taskrun::daemon {
namespace {

using control::Answer;
using control::Done;
using control::Refused;

Refused refused(engine::Refusal reason) {
  using engine::Refusal;
  switch (reason) {
    case Refusal::unknown_task: return {control::Refusal::unknown_task, "the task has been removed", {}};
    case Refusal::unknown_run: return {control::Refusal::unknown_run, "no such run is alive", {}};
    case Refusal::name_taken: return {control::Refusal::name_taken, "there is a task of this name already", {}};
    case Refusal::disabled: return {control::Refusal::disabled, "the task is disabled", {}};
    case Refusal::overlap: return {control::Refusal::overlap, "a run of the task is alive", {}};
    case Refusal::paused: return {control::Refusal::paused, "the task is paused", {}};
    case Refusal::pool: return {control::Refusal::pool, "no place is free", {}};
    case Refusal::stopping: return {control::Refusal::stopping, "the runner is stopping", {}};
  }
  __builtin_unreachable();
}

// What the engine answers when it does what was asked, or its refusal.
template <class T>
std::function<void(const engine::Reply&)> taking(Answer<T> answer) {
  return [answer = std::move(answer)](const engine::Reply& reply) {
    if (const auto* no = std::get_if<engine::Refusal>(&reply.answer)) return answer(tl::unexpected(refused(*no)));
    if constexpr (std::is_same_v<T, Done>) {
      answer(Done{});
    } else {
      answer(std::get<T>(reply.answer));
    }
  };
}

std::string_view word_of(engine::Phase phase) {
  switch (phase) {
    case engine::Phase::jitter:
    case engine::Phase::queued:
    case engine::Phase::waiting: return "waiting";
    case engine::Phase::running: return "running";
    case engine::Phase::stopping:
    case engine::Phase::killing: return "stopping";
    case engine::Phase::backing_off: return "backing_off";
  }
  __builtin_unreachable();
}

std::string_view word_of(const std::optional<StartFailure>& failure) {
  if (!failure) return "";
  switch (failure->kind) {
    case StartFailure::Kind::withdrawn: return "";
    case StartFailure::Kind::not_found: return "not_found";
    case StartFailure::Kind::not_executable: return "not_executable";
    case StartFailure::Kind::refused:
    case StartFailure::Kind::other: return "other";
  }
  __builtin_unreachable();
}

void count(control::RunCounts& counts, Outcome outcome) {
  switch (outcome) {
    case Outcome::success: ++counts.success; break;
    case Outcome::failure: ++counts.failure; break;
    case Outcome::timeout: ++counts.timeout; break;
    case Outcome::error: ++counts.error; break;
    case Outcome::cancelled: ++counts.cancelled; break;
  }
}

bool is_of_run(const engine::Run& run) { return run.hook != HookKind::on_stop; }

// By the rules of a manifest's `env`. Names are shown, values never.
std::string mistake_in(const Variables& env) {
  if (env.size() > limits::kRunVariables) {
    return fmt::format("there are {} variables, at most {} come with a run", env.size(), limits::kRunVariables);
  }
  std::size_t size = 0;
  for (const auto& [name, value] : env) {
    std::string_view mistake = manifest::variable_name_mistake(name);
    if (mistake.empty() && name.starts_with("TASKRUN_")) mistake = "such variables are set by taskrun itself";
    if (mistake.empty() && value.find('\0') != std::string::npos) mistake = "its value holds a NUL character";
    if (!mistake.empty()) return fmt::format("variable '{}': {}", printable(name), mistake);
    size += name.size() + value.size();
  }
  if (size <= limits::kRunVariablesSize.count) return "";
  return fmt::format("the variables have {} bytes, at most {} come with a run", size,
                     format_bytes(limits::kRunVariablesSize));
}

}  // namespace

RunnerDesk::RunnerDesk(const RunnerParts& runner, const report::Metrics& metrics, Submit submit)
    : engine_(runner.engine),
      options_(runner.options),
      lag_(runner.lag),
      persisted_(runner.persisted),
      reload_(runner.reload),
      metrics_(metrics),
      submit_(std::move(submit)) {}

// What was. ----------------------------------------------------------------------------------------------------------

void RunnerDesk::record(const Event& event) {
  if (const auto* finished = std::get_if<RunFinished>(&event.fact)) return note(*finished);
  if (const auto* skipped = std::get_if<RunSkipped>(&event.fact)) {
    past_of(skipped->run.task).counts.skipped += skipped->count;
  } else if (const auto* removed = std::get_if<TaskRemoved>(&event.fact)) {
    past_.erase(removed->task.id);
  } else if (const auto* added = std::get_if<TaskAdded>(&event.fact)) {
    past_.erase(added->task.id);  // of a task that was never there: its run had died with the runner before
  } else if (const auto* started = std::get_if<RunnerStarted>(&event.fact)) {
    started_at_ = event.time;
    pid_ = started->pid;
    containment_ = started->containment;
    socket_ = started->socket;
    http_ = started->http;
  }
}

// Events come when what they tell is on disk: the engine may have given the id to another task by then.
RunnerDesk::Past& RunnerDesk::past_of(const TaskRef& task) {
  Past& past = past_[task.id];
  if (past.of != task.key()) past = Past{.of = task.key()};
  return past;
}

void RunnerDesk::put_off(const RunFinished& finished) {
  if (!finished.is_final) return;
  const RunRef& run = finished.run;
  untold_.push_back(
      {run.task.key(), {run.id, run.attempt, run.trigger, run.scheduled_at, finished.started_at, "recording"}});
}

void RunnerDesk::note(const RunFinished& finished) {
  if (!finished.is_final) return;
  if (!untold_.empty() && untold_.front().run.id == finished.run.id) untold_.pop_front();
  Past& past = past_of(finished.run.task);
  count(past.counts, finished.outcome);
  past.last = control::LastRun{finished.run.id,
                               finished.outcome,
                               finished.started_at,
                               finished.duration,
                               finished.report.exit,
                               printable(finished.error),
                               word_of(finished.report.start_failure)};
}

// What is. -----------------------------------------------------------------------------------------------------------

control::RunnerState RunnerDesk::runner() {
  control::RunnerState state;
  state.instance = options_.instance;
  state.version = TASKRUN_VERSION;
  state.pid = pid_;
  state.started_at = started_at_;
  state.containment = containment_;
  state.state = options_.state_directory;
  state.socket = socket_;
  state.http = http_;
  state.manifest = options_.manifest_path;
  state.manifest_loaded_at = reload_.loaded_at();
  state.manifest_error = reload_.error();
  state.is_stopping = engine_.is_stopping();
  state.loop_lag = lag_.worst(sys::read_clocks().mono);
  engine_.tasks().for_each([&](const engine::Task& task) {
    ++state.tasks;
    if (task.is_paused) ++state.paused;
    state.running += running(engine_, task);
  });
  return state;
}

control::TaskPage RunnerDesk::tasks(TaskId from, std::size_t ids) {
  control::TaskPage page;
  const std::size_t end = engine_.tasks().end_id();
  const std::size_t until = std::min(end, from + ids);
  for (TaskId id = from; id < until; ++id) {
    if (const engine::Task* task = engine_.tasks().find(id)) page.tasks.push_back(state_of(*task));
  }
  if (until < end) page.next = static_cast<TaskId>(until);
  return page;
}

std::optional<TaskKey> RunnerDesk::find(std::string_view name) {
  const engine::Task* task = engine_.tasks().find(name);
  return task != nullptr ? std::optional(task->key) : std::nullopt;
}

std::optional<TaskKey> RunnerDesk::find(TaskId id) {
  const engine::Task* task = engine_.tasks().find(id);
  return task != nullptr ? std::optional(task->key) : std::nullopt;
}

std::optional<control::TaskState> RunnerDesk::task(TaskKey key) {
  const engine::Task* task = engine_.tasks().find(key.id);
  return task != nullptr && task->key == key ? std::optional(state_of(*task)) : std::nullopt;
}

std::vector<control::RunState> RunnerDesk::runs_of(const engine::Task& task) const {
  std::vector<control::RunState> runs;
  for (const auto index : task.runs) {
    const engine::Run& run = engine_.run_at(index);
    if (!is_of_run(run)) continue;
    const auto started_at = run.has_begun() ? std::optional(run.started_at) : std::nullopt;
    runs.push_back({run.id, run.attempt, run.trigger, run.due.wall, started_at, word_of(run.phase)});
  }
  for (const auto& [of, run] : untold_) {
    const bool has_hook = std::ranges::find(runs, run.id, &control::RunState::id) != runs.end();
    if (of == task.key && !has_hook) runs.insert(runs.begin(), run);
  }
  return runs;
}

control::TaskState RunnerDesk::state_of(const engine::Task& task) const {
  const TaskPolicy& policy = *task.spec->policy;
  control::TaskState state;
  state.name = task.spec->name;
  state.id = task.key.id;
  state.description = policy.description;
  state.tags = policy.tags;
  state.schedule = describe(task.spec->schedule);
  state.overlap = to_word(policy.overlap);
  state.timeout = policy.timeout;
  state.is_enabled = policy.enabled;
  state.is_paused = task.is_paused;
  state.is_persisted = persisted_.has(task.spec);
  state.next_run_at = engine_.next_run_at(task);
  state.runs = runs_of(task);
  if (const auto past = past_.find(task.key.id); past != past_.end() && past->second.of == task.key) {
    state.last_run = past->second.last;
    state.counts = past->second.counts;
  }
  const std::string_view quiet = task.is_paused ? "paused" : "idle";
  state.state = !state.runs.empty() ? state.runs.front().state : policy.enabled ? quiet : "disabled";
  if (task.is_removing) state.state = "removed";
  return state;
}

std::function<std::string()> RunnerDesk::metrics(control::MetricsFormat format) {
  switch (format) {
    case control::MetricsFormat::prometheus: return metrics_.scrape(report::MetricsFormat::prometheus);
    case control::MetricsFormat::openmetrics: return metrics_.scrape(report::MetricsFormat::openmetrics);
  }
  __builtin_unreachable();
}

// What is wanted. ----------------------------------------------------------------------------------------------------

template <class Wanted>
void RunnerDesk::ask(Wanted wanted, Take take) {
  wanted.request = ++last_request_;
  waiting_.emplace(wanted.request, std::move(take));
  submit_(std::move(wanted));
}

void RunnerDesk::answered(const engine::Reply& reply) {
  auto waiting = waiting_.extract(reply.request);
  if (waiting) waiting.mapped()(reply);
}

std::optional<Refused> RunnerDesk::refusal_to_add(const std::string& name) const {
  if (engine_.is_stopping()) return refused(engine::Refusal::stopping);
  if (engine_.tasks().find(name) != nullptr) return refused(engine::Refusal::name_taken);
  return std::nullopt;
}

// On disk first: the engine, which has just been asked, will not refuse in the same turn.
void RunnerDesk::add(const control::NewTask& task, Answer<TaskKey> answer) {
  auto spec = options_.read_task(task.name, task.definition, options_.manifest);
  if (!spec) {
    return answer(tl::unexpected(Refused{control::Refusal::wrong_task, "the task is wrong", std::move(spec.error())}));
  }
  if (auto no = refusal_to_add(task.name)) return answer(tl::unexpected(*std::move(no)));
  if (task.is_persisted) {
    if (auto kept = persisted_.keep(task, *spec); !kept) return answer(tl::unexpected(std::move(kept.error())));
  } else if (auto gone = persisted_.forget(task.name); !gone) {
    return answer(tl::unexpected(std::move(gone.error())));
  }
  engine::AddTask wanted;
  wanted.spec = *std::move(spec);
  ask(std::move(wanted), taking<TaskKey>([this, answer = std::move(answer)](const auto& added) {
        if (added) reload_.added_by_client(*added);
        answer(added);
      }));
}

void RunnerDesk::remove(TaskKey key, bool stop, Answer<Done> answer) {
  const engine::Task* task = engine_.tasks().find(key.id);
  if (task != nullptr && task->key == key) {
    if (auto gone = persisted_.forget(task->spec->name); !gone) return answer(tl::unexpected(std::move(gone.error())));
    reload_.removed_by_client(*task);
  }
  ask(engine::RemoveTask{key, stop}, taking(std::move(answer)));
}

void RunnerDesk::pause(TaskKey task, Answer<Done> answer) { ask(engine::PauseTask{task}, taking(std::move(answer))); }

void RunnerDesk::resume(TaskKey task, Answer<Done> answer) { ask(engine::ResumeTask{task}, taking(std::move(answer))); }

void RunnerDesk::trigger(TaskKey task, Variables env, Answer<RunId> answer) {
  if (auto mistake = mistake_in(env); !mistake.empty()) {
    return answer(tl::unexpected(Refused{control::Refusal::wrong_env, std::move(mistake), {}}));
  }
  engine::TriggerTask wanted{task};
  if (!env.empty()) wanted.env = std::make_shared<const Variables>(std::move(env));
  ask(std::move(wanted), taking(std::move(answer)));
}

void RunnerDesk::cancel(RunId run, Answer<Done> answer) { ask(engine::CancelRun{run}, taking(std::move(answer))); }

void RunnerDesk::reload(Answer<control::Reloaded> answer) { reload_.request(std::move(answer)); }

// Answered first: an idle runner has stopped when submit() returns.
void RunnerDesk::stop(bool now, Answer<Done> answer) {
  answer(Done{});
  submit_(engine::StopRunner{"request", now});
}

}  // namespace taskrun::daemon
