#include <random>

#include <doctest/doctest.h>

#include "loading.h"
#include "schema_checker.h"

namespace taskrun::manifest {
namespace {

using Json = SchemaChecker::Json;

SchemaChecker checker() { return SchemaChecker(Json::parse(json_schema(known_builtins()))); }

// The keys of a section of the documented tables.
std::vector<std::string> documented(std::initializer_list<const char*> sections) {
  std::vector<std::string> keys;
  for (const char* section : sections) {
    const std::string table = key_table(section);
    for (std::size_t at = table.find("\n| `"); at != std::string::npos; at = table.find("\n| `", at + 1)) {
      keys.push_back(table.substr(at + 4, table.find('`', at + 4) - at - 4));
    }
  }
  return keys;
}

std::vector<std::string> properties_at(const Json& schema, const std::string& pointer) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : schema.at(Json::json_pointer(pointer + "/properties")).items()) keys.push_back(key);
  return keys;
}

TEST_CASE("the schema has the documented keys, in their order, and says what they mean") {
  const Json schema = Json::parse(json_schema({}));
  CHECK(properties_at(schema, "") == documented({"top level"}));
  CHECK(properties_at(schema, "/$defs/task") == documented({"what", "when", "start", "how"}));
  CHECK(properties_at(schema, "/$defs/defaults") == documented({"start", "how"}));
  CHECK(properties_at(schema, "/$defs/hook") == documented({"hook"}));
  CHECK(properties_at(schema, "/$defs/task/properties/retry") == documented({"retry"}));
  CHECK(properties_at(schema, "/$defs/task/properties/output") == documented({"output"}));
  CHECK(properties_at(schema, "/$defs/task/properties/limits") == documented({"limits"}));
  CHECK(documented({"how"}).size() > 20);
  CHECK(schema["$defs"]["task"]["properties"]["grace"]["description"] == "between the stop signal and SIGKILL");
}

TEST_CASE("the schema is JSON of draft 2020-12, indented, and ends with a newline") {
  const std::string text = json_schema(known_builtins());
  CHECK(text.starts_with("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"));
  CHECK(text.ends_with("\n}\n"));
}

// Tasks that load() takes, together with every key in every form.
const char* const kGoodTasks[] = {
    R"({"shell": "x", "x-note": {"a": [1]}})",
    R"({"command": ["a", ""], "every": "10ms"})",
    R"({"builtin": "noop"})",
    R"({"builtin": "${NOOP}", "with": {}})",
    R"({"builtin": "sweep", "with": {"path": "/", "older_than": "1d", "larger_than": 5, "keep": 1, "dry_run": true,
        "order": "age", "names": ["a"], "labels": {"a": "b"}, "x-a": 1}})",
    R"({"builtin": "sweep", "with": {"path": "${TEN}", "older_than": "${TEN}s", "larger_than": "5KiB", "keep": "${TEN}",
        "dry_run": "${ONE}", "order": "size"}})",
    R"({"shell": "$x", "delay": "${TEN}ms", "run_at_start": "${ONE}", "jitter": "0", "start_deadline": "none"})",
    R"({"shell": "x", "start_deadline": "1ns", "description": "$$ ${TEN:-a$$b}", "tags": ["a", "${TEN}"]})",
    R"({"shell": "x", "enabled": "true", "timeout": "none", "grace": "+1.5h", "stop_signal": "RTMIN+3"})",
    R"({"shell": "x", "enabled": "${ONE}", "timeout": ".5w1d", "grace": "0", "stop_signal": "SIGINT"})",
    R"({"shell": "x", "leftovers": "wait", "overlap": "queue", "pool": "db", "success_codes": [0, "${TEN}"]})",
    R"({"shell": "x", "retry": {"attempts": "${TEN}", "delay": "0s", "backoff": 1.5, "max_delay": "5µs", "jitter": 1,
        "on": []}})",
    R"({"shell": "x", "env": {"A.b-c": ""}, "inherit_env": ["A"], "cwd": "/", "umask": "0777", "user": 0, "group": "g"})",
    R"({"shell": "x", "env": {}, "inherit_env": false, "umask": "7", "user": "u", "group": 5, "nice": -20})",
    R"({"shell": "x", "limits": {"open_files": 1, "processes": 5, "memory": "1TiB", "cpu": "1s", "file_size": 0,
        "core": "${TEN}"}, "stdin": "$", "output": {"mode": "raw", "limit": "64KB"}, "result": false})",
    R"({"shell": "x", "cron": "30 4 * * 1-5", "timezone": "Europe/Berlin", "dst": {"gap": "skip", "overlap": "once"}})",
    R"({"shell": "x", "cron": ["0 ${TEN} * * *", "@daily"], "catch_up": "all", "catch_up_limit": "${TEN}", "dst": {}})",
    R"({"shell": "x", "at": ["2030-01-01t00:00:00.5+01:00", "20${TEN}-01-01T00:00:00Z"], "catch_up": "latest"})",
    R"({"shell": "x", "at": "2030-01-01T00:00:00Z", "catch_up": "none", "catch_up_limit": 10000})",
    R"({"shell": "x", "on_success": {"shell": "y", "env": {"A": "1"}}, "on_stop": {"command": ["z"], "timeout": "none"},
        "on_failure": {"builtin": "sweep", "with": {"path": "/"}, "x-why": 1}})",
};

World schema_world() {
  World world;
  world.variables = {{"TEN", "10"}, {"ONE", "1"}, {"NOOP", "noop"}};
  return world;
}

std::string manifest_with(const std::string& task) {
  return R"({"version": 1, "name": "n", "max_parallel": 5, "pools": {"db": 1}, "env": {"A": "b"}, "stop_timeout": "1s",
             "defaults": {"timeout": "3s", "enabled": false, "retry": {"attempts": 2}}, "tasks": {"t": )" +
         task + "}}";
}

TEST_CASE("the schema accepts what load accepts") {
  SchemaChecker schema = checker();
  for (const std::string task : kGoodTasks) {
    CAPTURE(task);
    const std::string text = manifest_with(task);
    CHECK(told(schema_world().load(text)) == "");
    CHECK(schema.accepts(Json::parse(text)));
  }
}

TEST_CASE("the schema refuses what it can express") {
  SchemaChecker schema = checker();
  const char* const bad_tasks[] = {
      R"({})",
      R"("x")",
      R"({"shell": "x", "command": ["y"]})",
      R"({"shell": "x", "with": {}})",
      R"({"shell": ""})",
      R"({"shell": "x\u0000"})",
      R"({"command": []})",
      R"({"command": [""]})",
      R"({"command": "x"})",
      R"({"builtin": "nop"})",
      R"({"builtin": "sweep"})",
      R"({"builtin": "sweep", "with": {}})",
      R"({"builtin": "sweep", "with": {"path": 5}})",
      R"({"builtin": "sweep", "with": {"path": "/", "pth": "/"}})",
      R"({"builtin": "sweep", "with": {"path": "/", "order": "name"}})",
      R"({"builtin": "sweep", "with": {"path": "/", "keep": "5"}})",
      R"({"builtin": "noop", "with": {"path": "/"}})",
      R"({"builtin": "noop", "stdin": "x"})",
      R"({"shell": "x", "every": "5s", "delay": "5s"})",
      R"({"shell": "x", "every": "5"})",
      R"({"shell": "x", "every": 5})",
      R"({"shell": "x", "every": "5 s"})",
      R"({"shell": "x", "every": "-5s"})",
      R"({"shell": "x", "timout": "5s"})",
      R"({"shell": "x", "cron": ""})",
      R"({"shell": "x", "cron": []})",
      R"({"shell": "x", "cron": 5})",
      R"({"shell": "x", "cron": [5]})",
      R"({"shell": "x", "cron": "@daily", "every": "5s"})",
      R"({"shell": "x", "cron": "@daily", "at": "2030-01-01T00:00:00Z"})",
      R"({"shell": "x", "at": "2030-01-01"})",
      R"({"shell": "x", "at": []})",
      R"({"shell": "x", "cron": "@daily", "timezone": ""})",
      R"({"shell": "x", "cron": "@daily", "dst": "run"})",
      R"({"shell": "x", "cron": "@daily", "dst": {"gap": "once"}})",
      R"({"shell": "x", "cron": "@daily", "catch_up": "some"})",
      R"({"shell": "x", "cron": "@daily", "catch_up_limit": 0})",
      R"({"shell": "x", "timeout": null})",
      R"({"shell": "x", "description": "$HOME"})",
      R"({"shell": "x", "description": "${"})",
      R"({"shell": "x", "description": "${A:-${B}}"})",
      R"({"shell": "x", "tags": ["a b"]})",
      R"({"shell": "x", "enabled": "yes"})",
      R"({"shell": "x", "run_at_start": "true"})",
      R"({"shell": "x", "overlap": "Skip"})",
      R"({"shell": "x", "nice": 20})",
      R"({"shell": "x", "nice": "5"})",
      R"({"shell": "x", "success_codes": []})",
      R"({"shell": "x", "success_codes": [256]})",
      R"({"shell": "x", "retry": {"attempts": 0}})",
      R"({"shell": "x", "retry": {"tries": 1}})",
      R"({"shell": "x", "retry": {"on": ["success"]}})",
      R"({"shell": "x", "limits": {"memory": "1.5GiB"}})",
      R"({"shell": "x", "limits": {"memory": -1}})",
      R"({"shell": "x", "umask": "1777"})",
      R"({"shell": "x", "umask": 22})",
      R"({"shell": "x", "user": ""})",
      R"({"shell": "x", "user": -1})",
      R"({"shell": "x", "stop_signal": "TERMINATE"})",
      R"({"shell": "x", "env": {"A": 1}})",
      R"({"shell": "x", "env": {"A=B": "1"}})",
      R"({"shell": "x", "inherit_env": "PATH"})",
      R"({"shell": "x", "inherit_env": ["A=B"]})",
      R"({"shell": "x", "env": {"TASKRUN_TASK": "1"}})",
      R"({"shell": "x", "on_stop": "y"})",
      R"({"shell": "x", "on_stop": {"timeout": "5s"}})",
      R"({"shell": "x", "on_stop": {"shell": "y", "grace": "5s"}})",
  };
  for (const std::string task : bad_tasks) {
    CAPTURE(task);
    const std::string text = manifest_with(task);
    CHECK_FALSE(schema_world().load(text).is_valid());
    CHECK_FALSE(schema.accepts(Json::parse(text)));
  }
}

TEST_CASE("the schema refuses what is wrong at the top level") {
  SchemaChecker schema = checker();
  for (const std::string text :
       {R"({})", R"([])", R"({"tasks": []})", R"({"tasks": {}, "version": 2})", R"({"tasks": {"a b": {"shell": "x"}}})",
        R"({"tasks": {}, "pools": {"a": 0}})", R"({"tasks": {}, "pools": {"${A}": 1}})",
        R"({"tasks": {}, "timeout": "5s"})", R"({"tasks": {}, "defaults": {"shell": "x"}})",
        R"({"tasks": {}, "defaults": {"every": "1s"}})", R"({"tasks": {}, "name": "a b"})",
        R"({"tasks": {}, "$schema": 1})"}) {
    CAPTURE(text);
    CHECK_FALSE(schema_world().load(text).is_valid());
    CHECK_FALSE(schema.accepts(Json::parse(text)));
  }
}

// A value somewhere in a document, chosen at random.
Json& any_part(Json& json, std::mt19937& random) {
  Json* part = &json;
  while (part->is_structured() && !part->empty() && random() % 5 != 0) {
    auto step = part->begin();
    std::advance(step, static_cast<std::ptrdiff_t>(random() % part->size()));
    part = &*step;
  }
  return *part;
}

TEST_CASE("no change of a good manifest makes one that load accepts and the schema does not") {
  SchemaChecker schema = checker();
  std::mt19937 random(20240601);
  std::vector<Json> tasks;
  for (const char* task : kGoodTasks) tasks.push_back(Json::parse(manifest_with(task)));
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    Json mutant = tasks[random() % tasks.size()];
    Json donor = tasks[random() % tasks.size()];
    any_part(mutant, random) = any_part(donor, random);
    const std::string text = mutant.dump();
    if (!schema_world().load(text).is_valid()) continue;
    ++accepted;
    CAPTURE(text);
    REQUIRE(schema.accepts(mutant));
  }
  CHECK(accepted > 200);
}

}  // namespace
}  // namespace taskrun::manifest
