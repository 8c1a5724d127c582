#include "control/answer_json.h"

#include <nlohmann/json.hpp>

#include "base/signals.h"

namespace taskrun::control {
namespace {

using Json = nlohmann::ordered_json;

// A message may hold what a user typed: what is no UTF-8 in it is replaced, never thrown at.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json time_or_null(const std::optional<WallTime>& time) { return time ? Json(format_utc(*time)) : Json(); }

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

// As the event lines write it: microseconds are enough.
double milliseconds(Nanos duration) { return static_cast<double>(duration.count() / 1000) / 1000; }

Json json_of(const RunState& run) {
  return {{"run_id", run.id.text()},
          {"attempt", run.attempt},
          {"trigger", to_word(run.trigger)},
          {"scheduled_at", format_utc(run.scheduled_at)},
          {"started_at", time_or_null(run.started_at)},
          {"state", run.state}};
}

Json json_of(const std::optional<LastRun>& run) {
  if (!run) return {};
  Json json = {{"run_id", run->id.text()},
               {"outcome", to_word(run->outcome)},
               {"started_at", format_utc(run->started_at)},
               {"duration_ms", milliseconds(run->duration)}};
  if (run->exit.exit_code) json["exit_code"] = *run->exit.exit_code;
  if (run->exit.signal) json["signal"] = signal_name(*run->exit.signal);
  if (!run->error.empty()) json["error"] = run->error;
  return json;
}

Json json_of(const RunCounts& counts) {
  return {{"success", counts.success}, {"failure", counts.failure},     {"timeout", counts.timeout},
          {"error", counts.error},     {"cancelled", counts.cancelled}, {"skipped", counts.skipped}};
}

Json json_of(const TaskState& task) {
  Json runs = Json::array();
  for (const RunState& run : task.runs) runs.push_back(json_of(run));
  return {{"task", task.name},
          {"task_id", task.id},
          {"description", task.description},
          {"tags", task.tags},
          {"schedule", task.schedule},
          {"overlap", task.overlap},
          {"timeout_ms", task.timeout ? Json(milliseconds(*task.timeout)) : Json()},
          {"enabled", task.is_enabled},
          {"paused", task.is_paused},
          {"persisted", task.is_persisted},
          {"state", task.state},
          {"next_run_at", time_or_null(task.next_run_at)},
          {"runs", std::move(runs)},
          {"last_run", json_of(task.last_run)},
          {"counts", json_of(task.counts)}};
}

Json json_of(const Diagnostic& diagnostic) {
  return {{"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"message", diagnostic.message},
          {"hint", diagnostic.hint}};
}

}  // namespace

std::string to_json(const RunnerState& runner, std::uint64_t seq) {
  return text_of({{"instance", runner.instance},
                  {"version", runner.version},
                  {"pid", runner.pid},
                  {"started_at", format_utc(runner.started_at)},
                  {"containment", runner.containment},
                  {"state", text_or_null(runner.state)},
                  {"socket", text_or_null(runner.socket)},
                  {"tasks", runner.tasks},
                  {"paused", runner.paused},
                  {"running", runner.running},
                  {"stopping", runner.is_stopping},
                  {"loop_lag_ms", milliseconds(runner.loop_lag)},
                  {"seq", seq}});
}

std::string to_json(const TaskState& task) { return text_of(json_of(task)); }

std::string element_json(const TaskState& task) {
  return json_of(task).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string run_json(std::string_view task, TaskId id, RunId run) {
  return text_of({{"task", task}, {"task_id", id}, {"run_id", run.text()}});
}

std::string removed_json(std::string_view task, TaskId id, bool is_gone) {
  return text_of({{"task", task}, {"task_id", id}, {"gone", is_gone}});
}

std::string word_json(std::string_view key, std::string_view value) { return text_of({{key, value}}); }

std::string error_json(std::string_view code, std::string_view message, const Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) list.push_back(json_of(diagnostic));
  return text_of({{"error", {{"code", code}, {"message", message}, {"diagnostics", std::move(list)}}}});
}

}  // namespace taskrun::control
