#include "control/answer_json.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/signals.h"

namespace taskrun::control {
namespace {

using Json = nlohmann::ordered_json;

// A message may hold what a user typed: what is no UTF-8 in it is replaced, never thrown at.
std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_of(const Json& json) { return line_of(json) + "\n"; }

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
  if (!run->start_failure.empty()) json["start_failure"] = run->start_failure;
  return json;
}

// A task is written without a tree of values in between, which would take four times as long: there may be 100,000.

bool is_plain(char character) { return character >= ' ' && character < 0x7f && character != '"' && character != '\\'; }

std::string as_json(std::string_view text) {
  return std::ranges::all_of(text, is_plain) ? fmt::format("\"{}\"", text) : line_of(Json(text));
}

template <class Values, class Write>
std::string list_of(const Values& values, Write write) {
  std::string list;
  for (const auto& value : values) {
    if (!list.empty()) list += ',';
    list += write(value);
  }
  return list;
}

std::string counts_of(const RunCounts& counts) {
  return fmt::format(R"({{"success":{},"failure":{},"timeout":{},"error":{},"cancelled":{},"skipped":{}}})",
                     counts.success, counts.failure, counts.timeout, counts.error, counts.cancelled, counts.skipped);
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
                  {"http", text_or_null(runner.http)},
                  {"manifest", text_or_null(runner.manifest)},
                  {"manifest_loaded_at", format_utc(runner.manifest_loaded_at)},
                  {"manifest_error", text_or_null(runner.manifest_error)},
                  {"tasks", runner.tasks},
                  {"paused", runner.paused},
                  {"running", runner.running},
                  {"stopping", runner.is_stopping},
                  {"loop_lag_ms", milliseconds(runner.loop_lag)},
                  {"seq", seq}});
}

std::string health_json(const RunnerState& runner) {
  return text_of({{"status", "ok"}, {"manifest_error", text_or_null(runner.manifest_error)}});
}

std::string to_json(const Reloaded& reloaded) {
  return text_of({{"added", reloaded.added},
                  {"changed", reloaded.changed},
                  {"removed", reloaded.removed},
                  {"unchanged", reloaded.unchanged}});
}

std::string to_json(const TaskState& task) { return element_json(task) + "\n"; }

std::string element_json(const TaskState& task) {
  return fmt::format(
      R"({{"task":{},"task_id":{},"description":{},"tags":[{}],"schedule":{},"overlap":"{}","timeout_ms":{},)"
      R"("enabled":{},"paused":{},"persisted":{},"state":"{}","next_run_at":{},"runs":[{}],"last_run":{},"counts":{}}})",
      as_json(task.name), task.id, as_json(task.description), list_of(task.tags, as_json), as_json(task.schedule),
      task.overlap, task.timeout ? fmt::format("{}", milliseconds(*task.timeout)) : "null", task.is_enabled,
      task.is_paused, task.is_persisted, task.state, task.next_run_at ? as_json(format_utc(*task.next_run_at)) : "null",
      list_of(task.runs, [](const RunState& run) { return line_of(json_of(run)); }), line_of(json_of(task.last_run)),
      counts_of(task.counts));
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
