#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

// The question that a task's command puts about its program.
ProgramLookup lookup_of(const std::string& keys, std::map<std::string, std::string> variables) {
  World world;
  world.variables = std::move(variables);
  ProgramLookup asked;
  Surroundings surroundings = world.surroundings();
  surroundings.has_program = [&](const ProgramLookup& lookup) {
    asked = lookup;
    return true;
  };
  CHECK(told(load(one_task(R"({"command": ["prog"])" + keys + "}"), surroundings)) == "");
  CHECK(asked.program == "prog");
  return asked;
}

TEST_CASE("a program is looked for on the PATH that the task will see") {
  CHECK(lookup_of("", {{"PATH", "/a"}}).path == "/a");
  CHECK(lookup_of("", {}).path == std::nullopt);
  CHECK(lookup_of(R"(, "env": {"PATH": "/b"})", {{"PATH", "/a"}}).path == "/b");
  CHECK(lookup_of(R"(, "inherit_env": false)", {{"PATH", "/a"}}).path == std::nullopt);
  CHECK(lookup_of(R"(, "inherit_env": ["HOME"])", {{"PATH", "/a"}}).path == std::nullopt);
  CHECK(lookup_of(R"(, "inherit_env": ["PATH"])", {{"PATH", "/a"}}).path == "/a");
  CHECK(lookup_of(R"(, "cwd": "/srv")", {}).cwd == "/srv");
}

TEST_CASE("the same question about a program is asked once") {
  World world;
  const Loaded loaded = world.load(R"({"tasks": {"a": {"command": ["absent"]}, "b": {"command": ["absent"]},
      "c": {"command": ["there"]}}})");
  CHECK(loaded.is_valid());
  CHECK(loaded.diagnostics.size() == 2);
  CHECK(world.programs_asked == std::map<std::string, int>{{"absent", 1}, {"there", 1}});
}

TEST_CASE("a missing program of a hook in the defaults is told once, at its place") {
  World world;
  CHECK(told(world.load(R"({"defaults": {"on_stop": {"command": ["absent"]}}, "tasks": {"a": {"shell": "x"},
      "b": {"shell": "x"}}})")) == "1:39 warning: there is no program \"absent\" on the task's PATH now\n");
}

TEST_CASE("a user or group that no run could have here is a warning where it is named") {
  const auto warned = [](const std::string& keys, bool is_root) {
    World world;
    world.is_root = is_root;
    world.variables["WHO"] = "absent";
    const Loaded loaded = world.load(one_task(R"({"shell": "x", )" + keys + "}"));
    CHECK(loaded.is_valid());
    return told(loaded);
  };
  CHECK(warned(R"("user": "postgres")", true) == "");
  CHECK(warned(R"("user": "postgres")", false) ==
        "1:40 warning: \"user\" needs root: under this user no run could start\n");
  CHECK(warned(R"("group": 5)", false) == "1:41 warning: \"group\" needs root: under this user no run could start\n");
  CHECK(warned(R"("user": "self")", false) == "");
  CHECK(warned(R"("user": "absent")", true) == "1:40 warning: there is no user \"absent\" now\n");
  CHECK(warned(R"("user": "${WHO}")", true) == "1:40 warning: there is no user \"${WHO}\" now\n");
  CHECK(warned(R"("user": "root", "group": "absent")", true) == "1:57 warning: there is no group \"absent\" now\n");
}

TEST_CASE("a user of the defaults is told of once, at its place, and asked about once") {
  World world;
  CHECK(told(world.load(R"({"defaults": {"user": "absent"}, "tasks": {"a": {"shell": "x"}, "b": {"shell": "x"},
      "c": {"shell": "x", "user": "root"}}})")) == "1:23 warning: there is no user \"absent\" now\n");
  CHECK(world.accounts_asked == std::map<std::string, int>{{"absent:", 1}, {"root:", 1}});
}

TEST_CASE("of the tasks that nobody asked for no warning is told, but those of the top level are") {
  World world;
  Surroundings surroundings = world.surroundings();
  surroundings.is_warned_of = [](const TaskSpec& task) { return task.name == "b"; };
  const Loaded loaded = load(R"({"defaults": {"on_stop": {"command": ["absent"]}}, "tasks": {
    "a": {"command": ["absent"], "at": "1990-01-01T00:00:00Z"},
    "b": {"command": ["absent"]},
    "c": {"command": ["absent"], "catch_up": "all"}}})",
                             surroundings);
  CHECK(loaded.manifest.tasks.size() == 3);
  CHECK(told(loaded) ==
        "1:39 warning: there is no program \"absent\" on the task's PATH now\n"
        "3:23 warning: there is no program \"absent\" on the task's PATH now\n");
}

TEST_CASE("a timeout not shorter than the interval is a warning only where runs queue") {
  const auto warned = [](const std::string& keys) {
    return World().load(one_task(R"({"shell": "x", )" + keys + "}")).diagnostics.size();
  };
  CHECK(warned(R"("every": "10s", "overlap": "queue")") == 1);
  CHECK(warned(R"("every": "11s", "overlap": "queue")") == 0);
  CHECK(warned(R"("every": "11s", "overlap": "queue", "timeout": "none")") == 1);
  CHECK(warned(R"("every": "10s", "overlap": "skip")") == 0);
  CHECK(warned(R"("delay": "1s", "overlap": "queue")") == 0);
}

TEST_CASE("a jitter longer than the interval is a warning") {
  const auto warned = [](const std::string& keys) {
    return World().load(one_task(R"({"shell": "x", )" + keys + "}")).diagnostics.size();
  };
  CHECK(warned(R"("every": "10s", "jitter": "10s")") == 0);
  CHECK(warned(R"("every": "10s", "jitter": "11s")") == 1);
  CHECK(warned(R"("delay": "10s", "jitter": "11s")") == 0);
}

TEST_CASE("a file that others may write is a warning, and for root an error") {
  World world;
  world.is_root = false;
  world.is_writable_by_others = true;
  const Loaded loaded = world.load(R"({"tasks": {}})");
  CHECK(loaded.is_valid());
  CHECK(told(loaded) ==
        "1:1 warning: everybody may write this file: a runner of root's would refuse it | take that right away: "
        "chmod o-w\n");
  world.is_root = true;
  CHECK_FALSE(world.load(R"({"tasks": {}})").is_valid());
}

TEST_CASE("mistakes hide no warnings, but text that is no JSON does") {
  World world;
  const std::string warning = "1:30 warning: there is no program \"absent\" on the task's PATH now\n";
  CHECK(told(world.load(R"({"tasks": {"a": {"command": ["absent"]}}, "tsks": 1})")) ==
        warning + "1:43 unknown key \"tsks\" at the top level | did you mean \"tasks\"?\n");
  CHECK(told(world.load(R"({"tsks": 1, "tasks": {"a": {"command": ["absent"]}}})")) ==
        "1:2 unknown key \"tsks\" at the top level | did you mean \"tasks\"?\n"
        "1:41 warning: there is no program \"absent\" on the task's PATH now\n");
  CHECK(told(world.load(R"({"tasks": {"a": {"command": ["absent"]}}, })")) ==
        "1:41 a comma stands before the closing bracket | take it out\n");
}

}  // namespace
}  // namespace taskrun::manifest
