#include "cli/task_file.h"

#include <doctest/doctest.h>

#include "cli/exit_codes.h"

using namespace taskrun::cli;

namespace {

// "name=definition" of each task; or what is wrong with the file, line by line.
std::string read(std::string_view text) {
  const auto file = read_tasks_in(text, "f.json", "stem");
  std::string out;
  if (!file) {
    CHECK(file.error().exit_code == kWrongManifest);
    for (const auto& diagnostic : file.error().diagnostics) {
      out +=
          std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column) + ' ' + diagnostic.message + '\n';
    }
    return out;
  }
  for (const TaskText& task : *file) out += task.name + '=' + task.definition + '\n';
  return out;
}

}  // namespace

TEST_CASE("a file is a manifest, tasks by name, or one task") {
  CHECK(read(R"({"version": 1, "x-note": 3, "tasks": {"a": {"shell": "true"}, "b": {"command": ["x"]}}})") ==
        "a={\"shell\": \"true\"}\nb={\"command\": [\"x\"]}\n");
  CHECK(read(R"({"a": {"shell": "true"}, "b": {"shell": "false"}})") ==
        "a={\"shell\": \"true\"}\nb={\"shell\": \"false\"}\n");
  CHECK(read(R"({"shell": "true"})") == "stem={\"shell\": \"true\"}\n");
}

TEST_CASE("what would not apply is refused, not left out") {
  CHECK(read("{\"defaults\": {},\n \"pools\": {}, \"tasks\": {\"a\": {\"shell\": \"true\"}}}") ==
        "1:2 \"defaults\" does not apply to tasks that are added\n2:2 \"pools\" does not apply to tasks that are "
        "added\n");
}

TEST_CASE("what is no JSON, or says something twice, is told with its place") {
  CHECK(read("{\"a\": {\"shell\": \"x\",}}").starts_with("1:"));
  CHECK(read("{\"a\": {\"shell\": \"x\", \"shell\": \"y\"}}").find("shell") != std::string::npos);
  CHECK(read("[]") != "");
  CHECK(read("{}") == "1:1 there is no task in it\n");
  CHECK(read("{\"tasks\": {}}") == "1:1 there is no task in it\n");
}
