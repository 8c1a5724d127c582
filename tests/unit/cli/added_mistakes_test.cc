#include "cli/added_mistakes.h"

#include <doctest/doctest.h>

#include "cli/manifest_source.h"

using namespace taskrun;
using namespace taskrun::cli;

namespace {

// What is wrong with the first task, and doubtful about it.
std::string told_of(const AddedSource& source) {
  const TaskText& task = source.tasks.front();
  std::string out;
  for (const Diagnostic& remark : remarks_on_task(task.name, task.definition)) out += told(remark, source, task);
  return out;
}

std::string told_of(const std::vector<KeyTexts>& keys, const std::vector<std::string>& command = {"true"},
                    const std::string& name = "a") {
  return told_of(AddedSource{.tasks = {{name, definition_of(keys, command)}}, .keys = keys});
}

std::string told_of_file(const std::string& text) {
  return told_of(AddedSource{.tasks = read_tasks_in(text, "f.json", "stem").value(), .file = "f.json", .text = text});
}

}  // namespace

TEST_CASE("a mistake of the command line is told by its flag") {
  CHECK(told_of({{"every", KeyForm::text, {"10"}}}) ==
        "taskrun add: --every: \"10\" is not a duration: the unit is missing (write \"10s\")\n");
  CHECK(told_of({{"description", KeyForm::text, {"häßlich"}}, {"start_deadline", KeyForm::text, {"0s"}}}) ==
        "taskrun add: --start-deadline: must be longer than zero\n");
  CHECK(told_of({{"overlap", KeyForm::text, {"skp"}}}) ==
        "taskrun add: --overlap: must be one of \"skip\", \"queue\", \"parallel\", \"replace\" (did you mean "
        "\"skip\"?)\n");
  CHECK(told_of({{"retry", KeyForm::attempts, {"0"}}}).starts_with("taskrun add: --retry: must be from 1 to "));
  CHECK(told_of({{"env", KeyForm::variables, {"TASKRUN_TASK=1"}}}) ==
        "taskrun add: --env: variable \"TASKRUN_TASK\": this variable is set by taskrun itself\n");
  CHECK(told_of({{"every", KeyForm::text, {"1h"}}, {"delay", KeyForm::text, {"1h"}}}) ==
        "taskrun add: --delay: both \"every\" and \"delay\" say when to run (keep one of them)\n");
}

TEST_CASE("a mistake of no flag is told as it is") {
  CHECK(told_of({}, {""}) == "taskrun add: \"command\" must name a program\n");
  CHECK(told_of({{"every", KeyForm::text, {"1h"}}}, {"true"}, "a b").starts_with("taskrun add: \"a b\" is not a task"));
}

TEST_CASE("what is only doubtful is told as a warning") {
  CHECK(told_of({{"at", KeyForm::list, {"1990-01-01T00:00:00Z"}}}) ==
        "taskrun add: warning: --at: this time has passed\n");
  CHECK(told_of({}, {"no-such-program"}) ==
        "taskrun add: warning: there is no program \"no-such-program\" on the task's PATH now\n");
}

TEST_CASE("a mistake of a file is shown with the file's own line") {
  CHECK(told_of_file("{\n  \"shell\": \"true\",\n  \"every\": \"10\"\n}\n") ==
        "f.json:3:12: error: \"every\": \"10\" is not a duration: the unit is missing\n"
        "    \"every\": \"10\"\n"
        "             ^\n"
        "  hint: write \"10s\"\n");
  CHECK(told_of_file("{ \"a\": { \"shell\": \"true\",\n  \"evry\": \"10s\" }, \"b\": {} }") ==
        "f.json:2:3: error: unknown key \"evry\" in a task\n"
        "    \"evry\": \"10s\" }, \"b\": {} }\n"
        "    ^\n"
        "  hint: did you mean \"every\"?\n");
  CHECK(told_of_file("\xef\xbb\xbf{\"every\": \"1h\", \"env\": {\"A\": \"canary\"}}") ==
        "f.json:1:1: error: task \"stem\" has nothing to run\n"
        "  {\"every\": \"1h\", \"env\": {\"A\": \"******\"}}\n"
        "  ^\n"
        "  hint: give it \"shell\", \"command\" or \"builtin\"\n");
}

TEST_CASE("what the runner found is placed where it is found here, too") {
  const TaskText task{"a", "{\n  \"shell\": \"x\",\n  \"every\": \"10\"}"};
  Diagnostics found = read_task("a", R"({"shell":"x","every":"10"})", "", {}).error();
  found.push_back({.message = "the variable ONLY_THERE is not set", .hint = "set it"});
  find_places(found, task);
  REQUIRE(found.size() == 2);
  CHECK(found[0].line == 3);
  CHECK(found[0].column == 12);
  CHECK(found[1].line == 0);
  const AddedSource source{.tasks = {task}, .file = "f.json", .text = task.definition};
  CHECK(told(found[1], source, task) == "f.json: error: the variable ONLY_THERE is not set\n  hint: set it\n");
  CHECK(told(found[1], {}, task) == "taskrun add: the variable ONLY_THERE is not set (set it)\n");
}
