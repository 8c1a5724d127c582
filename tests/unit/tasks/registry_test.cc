#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "base/text.h"
#include "call.h"
#include "tasks/arguments.h"
#include "tasks/builtin.h"

using namespace taskrun;
using namespace taskrun::tasks;

TEST_CASE("built-ins are sorted by name, found by it, and have names and summaries") {
  CHECK(std::ranges::is_sorted(registry(), {}, &Builtin::name));
  for (const Builtin& builtin : registry()) {
    CHECK(is_name(builtin.name));
    CHECK(builtin.summary.size() > 10);
    CHECK(find_builtin(builtin.name) == &builtin);
  }
  CHECK(find_builtin("no-such") == nullptr);
}

TEST_CASE("every default can be read by its own row, and every argument is described") {
  for (const Builtin& builtin : registry()) {
    std::set<std::string_view> names;
    for (Parameter parameter : builtin.parameters) {
      CAPTURE(parameter.name);
      CHECK(names.insert(parameter.name).second);
      CHECK(parameter.description.size() > 5);
      CHECK_FALSE((parameter.required && !parameter.default_value.empty()));
      parameter.required = parameter.required && parameter.default_value.empty();
      if (!parameter.required) CHECK(Arguments::read("{}", std::span(&parameter, 1)));
    }
  }
}

TEST_CASE("docs/builtins.md holds every built-in's table as it is") {
  std::ifstream file(std::string(std::getenv("TASKRUN_TEST_DATA")) + "/../../docs/builtins.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const Builtin& builtin : registry()) {
    CAPTURE(builtin.name);
    const std::string table = parameter_table(builtin);
    CHECK_MESSAGE(text.str().find("## " + std::string(builtin.name) + "\n") != std::string::npos, "no heading");
    CHECK_MESSAGE(text.str().find(table) != std::string::npos, table);
  }
}

TEST_CASE("arguments that cannot be read are told, and nothing runs") {
  const Called called = call("cleanup", R"({"directory":"/nowhere","older":"1d"})");
  CHECK(called.exit == Exit::arguments);
  CHECK(called.err == "cleanup: unknown argument 'older'\n");
  CHECK(called.result == "");
}

TEST_CASE("a result goes nowhere without a descriptor for it") {
  ::unsetenv("TASKRUN_RESULT_FD");
  write_result("{}");
  ::setenv("TASKRUN_RESULT_FD", "1x", 1);
  Capture out(1);
  write_result("{}");
  CHECK(out.end() == "");
  ::unsetenv("TASKRUN_RESULT_FD");
}
