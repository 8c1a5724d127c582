#include "control/reference.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "control/answer_json.h"
#include "control/routes.h"
#include "control/shapes.h"
#include "sys/file.h"

namespace taskrun::control {
namespace {

using Json = nlohmann::ordered_json;

const Shape& shape(std::string_view name) {
  const auto found = std::ranges::find(shapes(), name, &Shape::name);
  REQUIRE(found != shapes().end());
  return *found;
}

bool fits(const Json& value, std::string_view type);

// Every key has its row, in the order of the rows, and every row that is always there its key.
void check_fits(const Json& value, std::string_view name) {
  CAPTURE(name);
  auto key = value.begin();
  for (const Field& field : shape(name).fields) {
    CAPTURE(field.name);
    const bool is_there = key != value.end() && key.key() == field.name;
    CHECK((is_there || !field.is_always_there));
    if (!is_there) continue;
    CHECK(fits(key.value(), field.type));
    ++key;
  }
  CHECK(key == value.end());
}

bool fits(const Json& value, std::string_view type) {
  constexpr std::string_view kOrNull = " or null";
  if (type.ends_with(kOrNull)) return value.is_null() || fits(value, type.substr(0, type.size() - kOrNull.size()));
  if (type.starts_with('[')) {
    return value.is_array() &&
           std::ranges::all_of(value, [&](const Json& each) { return fits(each, type.substr(1, type.size() - 2)); });
  }
  if (type == "string" || type == "time" || type == "run id") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "object") return value.is_object();
  check_fits(value, type);
  return true;
}

TaskState full_task() {
  TaskState task;
  task.name = "a";
  task.tags = {"x"};
  task.timeout = std::chrono::seconds(1);
  task.next_run_at = WallTime{};
  task.runs.push_back({.started_at = WallTime{}, .state = "running"});
  task.last_run = LastRun{.exit = {.exit_code = 1, .signal = 9}, .error = "why", .start_failure = "other"};
  return task;
}

TEST_CASE("Whatever a task's text holds is in its answer") {
  TaskState task = full_task();
  task.description = "a \"b\" \\ \n \x1b \u00fc \x7f";
  task.tags = {"\"", "x,y", ""};
  const Json json = Json::parse(to_json(task));
  CHECK(json["description"] == task.description);
  CHECK(json["tags"] == Json(task.tags));
  CHECK(json["timeout_ms"] == 1000.0);
  CHECK(json["last_run"]["exit_code"] == 1);
  task.description = "no UTF-8: \xff";
  CHECK(Json::parse(to_json(task))["description"] == "no UTF-8: \ufffd");
}

TEST_CASE("Every answer has the shape of the reference") {
  check_fits(Json::parse(to_json(RunnerState{}, 7)), "Runner");
  check_fits(Json::parse(to_json(TaskState{})), "Task");
  check_fits(Json::parse(to_json(full_task())), "Task");
  check_fits(Json::parse("{\"tasks\":[" + element_json(full_task()) + "]}"), "Tasks");
  check_fits(Json::parse(run_json("a", 1, RunId{})), "Triggered");
  check_fits(Json::parse(removed_json("a", 1, true)), "Removed");
  check_fits(Json::parse(word_json("run_id", "x")), "Cancelled");
  check_fits(Json::parse(health_json(RunnerState{})), "Health");
  check_fits(Json::parse(to_json(Reloaded{})), "Reloaded");
  check_fits(Json::parse(error_json("code", "message", {Diagnostic{}})), "Error");
}

TEST_CASE("Routes name shapes that there are") {
  for (const Route& route : routes()) {
    if (!route.answer.empty() && route.answer != kMetricsAnswer) shape(route.answer);
    if (!route.body.empty()) shape(route.body);
  }
}

TEST_CASE("docs/control.md holds the reference") {
  const char* const data = std::getenv("TASKRUN_TEST_DATA");
  REQUIRE(data != nullptr);
  const auto text = sys::read_file(std::string(data) + "/../../docs/control.md", mebibytes(1));
  REQUIRE(text.has_value());
  for (const std::string& part : {route_reference(), refusal_reference(), shape_reference()}) {
    CAPTURE(part);
    CHECK(text->find(part) != std::string::npos);
  }
}

// Every "$ref" below a value.
void collect(const Json& value, std::set<std::string>& references) {
  if (value.is_object() && value.contains("$ref")) references.insert(value["$ref"].get<std::string>());
  if (value.is_structured()) {
    for (const Json& each : value) collect(each, references);
  }
}

TEST_CASE("The OpenAPI document has every route, and refers to nothing that it does not hold") {
  const Json document = Json::parse(openapi_document());
  CHECK(document["openapi"] == "3.1.0");
  std::size_t operations = 0;
  for (const Json& path : document["paths"]) operations += path.size();
  CHECK(operations == routes().size());
  const Json& remove = document["paths"]["/v1/tasks/{task}"]["delete"];
  CHECK(remove["parameters"][0]["name"] == "task");
  CHECK(remove["parameters"][1]["name"] == "stop");
  CHECK(remove["responses"].contains("404"));
  const Json& task = document["components"]["schemas"]["Task"]["properties"];
  CHECK(task["next_run_at"]["type"] == Json::array({"string", "null"}));
  CHECK(task["last_run"]["oneOf"].size() == 2);
  std::set<std::string> references;
  collect(document, references);
  CHECK(references.size() > 10);
  for (const std::string& reference : references) {
    CAPTURE(reference);
    CHECK(document.contains(Json::json_pointer(reference.substr(1))));
  }
}

}  // namespace
}  // namespace taskrun::control
