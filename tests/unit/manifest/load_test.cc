#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

using namespace std::chrono_literals;

// Of a task that has something to run and, beside it, `keys`.
TaskPolicy policy_of(const std::string& keys, World world = {}) {
  return *load_task(R"({"shell": "true", )" + keys + "}", std::move(world)).policy;
}

TEST_CASE("the top level is read whole") {
  const Manifest manifest = load_valid(R"({"$schema": "x", "version": 1, "name": "accounts", "max_parallel": 7,
      "pools": {"db": 1, "net": 20}, "stop_timeout": "1m", "x-note": [1, {"a": null}], "tasks": {}})");
  CHECK(manifest.name == "accounts");
  CHECK(manifest.max_parallel == 7);
  CHECK(manifest.pools == std::vector<std::pair<std::string, int>>{{"db", 1}, {"net", 20}});
  CHECK(manifest.stop_timeout == 60s);
  CHECK(manifest.tasks.empty());
}

TEST_CASE("what the top level leaves out has its documented default") {
  const Manifest manifest = load_valid(R"({"tasks": {}})");
  CHECK(manifest.name == "");
  CHECK(manifest.max_parallel == 256);
  CHECK(manifest.pools.empty());
  CHECK(manifest.stop_timeout == 10s);
}

TEST_CASE("a byte order mark is skipped and counts for no column") {
  CHECK(load_valid("\xef\xbb\xbf{\"tasks\": {\"t\": {\"shell\": \"x\"}}}").tasks.size() == 1);
  CHECK(told(World().load("\xef\xbb\xbf{\"taks\": {}}")) ==
        "1:1 \"tasks\" is missing | write \"tasks\": {}\n"
        "1:2 unknown key \"taks\" at the top level | did you mean "
        "\"tasks\"?\n");
}

TEST_CASE("tasks keep the file's order") {
  const Manifest manifest =
      load_valid(R"({"tasks": {"z": {"shell": "1"}, "a": {"shell": "2"}, "m.-_9": {"shell": "3"}}})");
  REQUIRE(manifest.tasks.size() == 3);
  CHECK(manifest.tasks[0]->name == "z");
  CHECK(manifest.tasks[1]->name == "a");
  CHECK(manifest.tasks[2]->name == "m.-_9");
}

TEST_CASE("a task runs a shell text, a command or a built-in") {
  CHECK(load_task(R"({"shell": "echo $HOME ${X} $$"})").what == What(ShellText{"echo $HOME ${X} $$"}));
  CHECK(load_task(R"({"command": ["a", "", "${X}"]})").what == What(CommandLine{{"a", "", "${X}"}}));
  CHECK(load_task(R"({"builtin": "noop"})").what == What(BuiltinCall{"noop", "{}"}));
  CHECK(load_task(R"({"builtin": "noop", "with": {}})").what == What(BuiltinCall{"noop", "{}"}));
}

TEST_CASE("a built-in's arguments are checked, interpolated and passed on as one JSON object") {
  World world;
  world.variables = {{"DIR", "/tmp/\"x\""}, {"N", "3"}, {"DRY", "1"}};
  const TaskSpec task = load_task(R"({"builtin": "sweep", "with": {
      "path": "${DIR}/é", "older_than": "1.5h", "larger_than": 4096, "keep": "${N}", "dry_run": "${DRY}",
      "order": "size", "names": ["a", "$$b"], "labels": {"k": "${N}"}, "x-note": 1}})",
                                  world);
  CHECK(std::get<BuiltinCall>(task.what).arguments ==
        R"({"path":"/tmp/\"x\"/é","older_than":"1.5h","larger_than":4096,"keep":3,"dry_run":true,"order":"size",)"
        R"("names":["a","$b"],"labels":{"k":"3"}})");
}

TEST_CASE("a task is due on an interval, after a delay, or on request") {
  CHECK(load_task(R"({"shell": "x", "every": "10ms"})").schedule == Schedule(Every{10ms}));
  CHECK(load_task(R"({"shell": "x", "delay": "1h"})").schedule == Schedule(Delay{1h}));
  CHECK(load_task(R"({"shell": "x"})").schedule == Schedule(OnRequest{}));
}

TEST_CASE("every policy key lands in its field") {
  CHECK(policy_of(R"("description": "d")").description == "d");
  CHECK(policy_of(R"("tags": ["a", "b-1"])").tags == std::vector<std::string>{"a", "b-1"});
  CHECK(policy_of(R"("enabled": false)").enabled == false);
  CHECK(policy_of(R"("run_at_start": true)").run_at_start);
  CHECK(policy_of(R"("jitter": "3s")").jitter == 3s);
  CHECK(policy_of(R"("start_deadline": "3s")").start_deadline == 3s);
  CHECK(policy_of(R"("start_deadline": "none")").start_deadline == std::nullopt);
  CHECK(policy_of(R"("timeout": "3s")").timeout == 3s);
  CHECK(policy_of(R"("timeout": "none")").timeout == std::nullopt);
  CHECK(policy_of(R"("grace": "0s")").grace == 0s);
  CHECK(policy_of(R"("stop_signal": "INT")").stop_signal == 2);
  CHECK(policy_of(R"("stop_signal": "SIGHUP")").stop_signal == 1);
  CHECK(policy_of(R"("leftovers": "wait")").leftovers == Leftovers::wait);
  CHECK(policy_of(R"("overlap": "replace")").overlap == Overlap::replace);
  CHECK(policy_of(R"("success_codes": [0, 3, 255])").success_codes == std::vector{0, 3, 255});
  CHECK(policy_of(R"("env": {"A": "1", "B": "2"})").env == Variables{{"A", "1"}, {"B", "2"}});
  CHECK(policy_of(R"("inherit_env": false)").inherit_env == InheritEnv{false, {}});
  CHECK(policy_of(R"("inherit_env": true)").inherit_env == InheritEnv{true, {}});
  CHECK(policy_of(R"("inherit_env": ["HOME"])").inherit_env == InheritEnv{false, {"HOME"}});
  CHECK(policy_of(R"("cwd": "/tmp")").cwd == "/tmp");
  CHECK(policy_of(R"("umask": "027")").umask == 027U);
  CHECK(policy_of(R"("user": "nobody")").user == "nobody");
  CHECK(policy_of(R"("user": 65534)").user == "65534");
  CHECK(policy_of(R"("group": "adm")").group == "adm");
  CHECK(policy_of(R"("nice": -20)").nice == -20);
  CHECK(policy_of(R"("stdin": "a ${b} $")").stdin_text == "a ${b} $");
  CHECK(policy_of(R"("result": true)").result == true);
}

TEST_CASE("every key of the objects in a task lands in its field") {
  const RetryPolicy retry = policy_of(R"("retry": {"attempts": 5, "delay": "2s", "backoff": 1.5, "max_delay": "1m",
                                          "jitter": 0, "on": ["timeout"]})")
                                .retry;
  CHECK(retry == RetryPolicy{5, 2s, 1.5, 60s, 0, {Outcome::timeout}});
  CHECK(policy_of(R"("output": {"mode": "lines", "limit": "1MiB"})").output ==
        OutputPolicy{OutputMode::lines, mebibytes(1)});
  const ResourceLimits limits =
      policy_of(R"("limits": {"open_files": 64, "processes": 5, "memory": "512MiB", "cpu": "90s",
                                             "file_size": 1000, "core": "0"})")
          .limits;
  CHECK(limits == ResourceLimits{64, 5, mebibytes(512), 90s, Bytes{1000}, Bytes{0}});
}

TEST_CASE("a task that says nothing has the documented defaults") {
  CHECK(*load_task(R"({"shell": "x"})").policy == TaskPolicy{});
  CHECK(TaskPolicy{}.timeout == 10s);
  CHECK(TaskPolicy{}.grace == 5s);
}

TEST_CASE("hooks are tasks in little") {
  const TaskPolicy policy = policy_of(R"("on_success": {"shell": "a"},
      "on_failure": {"command": ["b"], "timeout": "none", "env": {"X": "1"}},
      "on_stop": {"builtin": "sweep", "with": {"path": "/"}, "timeout": "3s"})");
  CHECK(policy.on_success == Hook{ShellText{"a"}, 10s, {}});
  CHECK(policy.on_failure == Hook{CommandLine{{"b"}}, std::nullopt, {{"X", "1"}}});
  CHECK(policy.on_stop == Hook{BuiltinCall{"sweep", R"({"path":"/"})"}, 3s, {}});
}

TEST_CASE("tasks inherit the defaults key by key, and objects member by member") {
  const Manifest manifest = load_valid(R"({"defaults": {"timeout": "30s", "retry": {"attempts": 3, "delay": "9s"},
        "limits": {"core": 0}, "tags": ["x"], "on_failure": {"shell": "f"}, "enabled": false},
      "tasks": {"a": {"shell": "x"},
                "b": {"shell": "x", "timeout": "1s", "retry": {"attempts": 5}, "limits": {"open_files": 9}, "tags": []}}})");
  const TaskPolicy& a = *manifest.tasks[0]->policy;
  CHECK(a.timeout == 30s);
  CHECK(a.retry.attempts == 3);
  CHECK(a.on_failure == Hook{ShellText{"f"}});
  CHECK_FALSE(a.enabled);
  const TaskPolicy& b = *manifest.tasks[1]->policy;
  CHECK(b.timeout == 1s);
  CHECK(b.retry.attempts == 5);
  CHECK(b.retry.delay == 9s);
  CHECK(b.limits == ResourceLimits{.open_files = 9, .core = Bytes{0}});
  CHECK(b.tags.empty());
  CHECK(b.on_failure == a.on_failure);
}

TEST_CASE("defaults, env and pools may stand after the tasks that use them") {
  const Manifest manifest = load_valid(R"({"tasks": {"a": {"shell": "x", "pool": "db"}},
      "pools": {"db": 2}, "env": {"A": "1"}, "defaults": {"timeout": "30s", "env": {"B": "2"}}})");
  REQUIRE(manifest.tasks.size() == 1);
  CHECK(manifest.tasks[0]->policy->timeout == 30s);
  CHECK(manifest.tasks[0]->policy->env == Variables{{"A", "1"}, {"B", "2"}});
}

TEST_CASE("a later environment wins: top level, defaults, task, and in each the file before the keys") {
  World world;
  world.env_files = {{"d.env", "D=file\nX=1\n"}, {"t.env", "T=file\nX=3\n"}};
  const Manifest manifest = load_valid(R"({"env": {"X": "0"}, "defaults": {"env": {"X": "2"}, "env_file": "d.env"},
      "tasks": {"t": {"shell": "x", "env": {"X": "4"}, "env_file": "t.env"}}})",
                                       world);
  CHECK(manifest.tasks[0]->policy->env ==
        Variables{{"X", "0"}, {"D", "file"}, {"X", "1"}, {"X", "2"}, {"T", "file"}, {"X", "3"}, {"X", "4"}});
}

TEST_CASE("tasks that say the same share one policy") {
  const Manifest manifest = load_valid(R"({"tasks": {"a": {"shell": "x"}, "b": {"every": "1s", "shell": "x"},
      "c": {"shell": "x", "timeout": "3s"}, "d": {"shell": "x", "timeout": "3s"}, "e": {"shell": "x", "timeout": "4s"}}})");
  const auto& tasks = manifest.tasks;
  CHECK(tasks[0]->policy == tasks[1]->policy);
  CHECK(tasks[2]->policy == tasks[3]->policy);
  CHECK(tasks[2]->policy != tasks[0]->policy);
  CHECK(tasks[4]->policy != tasks[3]->policy);
}

TEST_CASE("a built-in does not take the stdin of the defaults") {
  const Manifest manifest = load_valid(R"({"defaults": {"stdin": "hello"},
      "tasks": {"a": {"builtin": "noop"}, "b": {"shell": "cat"}}})");
  CHECK(manifest.tasks[0]->policy->stdin_text == std::nullopt);
  CHECK(manifest.tasks[1]->policy->stdin_text == "hello");
}

TEST_CASE("values of other types may come from variables") {
  World world;
  world.variables = {{"N", "12"},    {"YES", "true"}, {"ZERO", "0"}, {"D", "1h30m"},
                     {"S", "64KiB"}, {"R", "0.5"},    {"W", "queue"}};
  const Manifest manifest = load_valid(R"({"max_parallel": "${N}", "pools": {"p": "${N}"}, "tasks": {"t": {"shell": "x",
      "every": "${D}", "enabled": "${ZERO}", "run_at_start": "${YES}", "overlap": "${W}", "success_codes": ["${N}"],
      "output": {"limit": "${S}"}, "retry": {"jitter": "${R}", "attempts": "${N}"}, "nice": "-${N}"}}})",
                                       world);
  CHECK(manifest.max_parallel == 12);
  const TaskSpec& task = *manifest.tasks[0];
  CHECK(task.schedule == Schedule(Every{90min}));
  CHECK_FALSE(task.policy->enabled);
  CHECK(task.policy->run_at_start);
  CHECK(task.policy->overlap == Overlap::queue);
  CHECK(task.policy->success_codes == std::vector{12});
  CHECK(task.policy->output.limit == kibibytes(64));
  CHECK(task.policy->retry.jitter == 0.5);
  CHECK(task.policy->retry.attempts == 12);
  CHECK(task.policy->nice == -12);
}

TEST_CASE("what is required is not told to be left out") {
  CHECK(told(World().load(R"({"tasks": null})")) ==
        "1:11 \"tasks\" must be an object of tasks, not null | write \"tasks\": {}\n");
}

TEST_CASE("enabled is also read from plain strings") {
  CHECK(policy_of(R"("enabled": "true")").enabled);
  CHECK_FALSE(policy_of(R"("enabled": "0")").enabled);
  CHECK(told(World().load(one_task(R"({"shell": "x", "enabled": "yes"})"))) ==
        "1:43 \"enabled\" must be true or false\n");
}

TEST_CASE("a built-in judges its arguments when the manifest is loaded, once their types are right") {
  CHECK(told(World().load(one_task(R"({"builtin": "sweep", "with": {"path": "/a", "keep": -1}})"))) ==
        "1:46 \"sweep\": argument 'keep' is below 0\n");
  CHECK(told(World().load(one_task(R"({"builtin": "sweep", "with": {"path": 1, "keep": -1}})"))).find("below 0") ==
        std::string::npos);
}

}  // namespace
}  // namespace taskrun::manifest
