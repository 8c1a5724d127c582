#include "cli/runner_answers.h"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/moment.h"

namespace taskrun::cli {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& json) { return printable(json.get<std::string>(), 1'000); }

// A time that is none reads as null: nothing here depends on it.
std::optional<WallTime> time_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  const auto instant = read_instant(json.get<std::string>());
  return instant ? wall_time(*instant) : std::nullopt;
}

std::string text_or_nothing(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? text_of(*found) : "";
}

RunnerSeen runner_of(const Json& json) {
  RunnerSeen runner;
  runner.instance = text_of(json.at("instance"));
  runner.version = text_of(json.at("version"));
  runner.pid = json.at("pid").get<int>();
  runner.started_at = time_of(json.at("started_at")).value_or(WallTime());
  runner.tasks = json.at("tasks").get<std::size_t>();
  runner.paused = json.at("paused").get<std::size_t>();
  runner.running = json.at("running").get<std::size_t>();
  runner.is_stopping = json.at("stopping").get<bool>();
  runner.seq = json.at("seq").get<std::uint64_t>();
  runner.manifest = text_or_nothing(json, "manifest");
  runner.manifest_error = text_or_nothing(json, "manifest_error");
  return runner;
}

LastRunSeen last_run_of(const Json& json) {
  LastRunSeen run;
  run.id = text_of(json.at("run_id"));
  run.outcome = text_of(json.at("outcome"));
  run.started_at = time_of(json.at("started_at")).value_or(WallTime());
  run.duration = std::chrono::duration_cast<Nanos>(
      std::chrono::duration<double, std::milli>(json.at("duration_ms").get<double>()));
  if (json.contains("exit_code")) run.exit_code = json.at("exit_code").get<int>();
  run.signal = text_or_nothing(json, "signal");
  run.error = text_or_nothing(json, "error");
  run.start_failure = text_or_nothing(json, "start_failure");
  return run;
}

TaskSeen task_of(const Json& json) {
  TaskSeen task;
  task.name = text_of(json.at("task"));
  task.id = json.at("task_id").get<unsigned>();
  task.state = text_of(json.at("state"));
  task.is_paused = json.at("paused").get<bool>();
  task.next_run_at = time_of(json.at("next_run_at"));
  for (const Json& run : json.at("runs")) {
    task.runs.push_back({text_of(run.at("run_id")), text_of(run.at("state")), time_of(run.at("started_at"))});
  }
  if (!json.at("last_run").is_null()) task.last_run = last_run_of(json.at("last_run"));
  return task;
}

std::vector<TaskSeen> tasks_of(const Json& json) {
  std::vector<TaskSeen> tasks;
  for (const Json& task : json.at("tasks")) tasks.push_back(task_of(task));
  return tasks;
}

template <class Read>
auto read(std::string_view body, Read read_json) -> Answered<decltype(read_json(Json()))> {
  try {
    return read_json(Json::parse(body));
  } catch (const Json::exception&) {
    return no_runner("what answers there is no runner that this taskrun understands");
  }
}

}  // namespace

Answered<RunnerSeen> read_runner(std::string_view body) { return read(body, runner_of); }
Answered<TaskSeen> read_task(std::string_view body) { return read(body, task_of); }
Answered<std::vector<TaskSeen>> read_tasks(std::string_view body) { return read(body, tasks_of); }
Answered<LastRunSeen> read_last_run(std::string_view json) { return read(json, last_run_of); }

Answered<std::string> read_text(std::string_view body, const char* key) {
  return read(body, [key](const Json& json) { return text_of(json.at(key)); });
}

Answered<bool> read_truth(std::string_view body, const char* key) {
  return read(body, [key](const Json& json) { return json.at(key).get<bool>(); });
}

Answered<std::uint64_t> read_count(std::string_view body, const char* key) {
  return read(body, [key](const Json& json) { return json.at(key).get<std::uint64_t>(); });
}

}  // namespace taskrun::cli
