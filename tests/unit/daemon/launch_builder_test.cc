#include "daemon/launch_builder.h"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

using namespace taskrun;
using daemon::LaunchBuilder;

namespace {

constexpr std::array kRunnerEnvironment{"PATH=/bin",       "HOME=/root",   "LANG=C",           "NOTIFY_SOCKET=/run/n",
                                        "WATCHDOG_USEC=1", "LISTEN_FDS=2", "TASKRUN_TASK=old", "no equals sign"};

engine::StartAttempt start_of(What what, const TaskPolicy& policy = {}) {
  auto spec = std::make_shared<TaskSpec>(
      TaskSpec{"billing", std::move(what), OnRequest{}, std::make_shared<TaskPolicy>(policy)});
  return {AttemptId{1}, {{spec, 4}, RunId{}, 2, Trigger::retry, WallTime(std::chrono::seconds(1))}};
}

engine::StartHook hook_of_failed_run(const TaskPolicy& policy) {
  engine::StartHook hook{
      AttemptId{1}, start_of(ShellText{"x"}, policy).run, HookKind::on_failure, Outcome::failure, {}};
  hook.exit.exit_code = 3;
  return hook;
}

bool has(const process::Launch& launch, std::string_view line) {
  return std::count(launch.environment.begin(), launch.environment.end(), line) +
             std::count(launch.inherited.begin(), launch.inherited.end(), line) ==
         1;
}
bool has_name(const process::Launch& launch, std::string_view name) {
  const auto is_named = [&](std::string_view line) { return line.starts_with(std::string(name) + "="); };
  return std::any_of(launch.environment.begin(), launch.environment.end(), is_named) ||
         std::any_of(launch.inherited.begin(), launch.inherited.end(), is_named);
}

}  // namespace

TEST_CASE("what a run was asked for with is over the task's own, and never over what tells of the run") {
  TaskPolicy policy;
  policy.env = {{"DAY", "sunday"}, {"TONE", "low"}};
  engine::StartAttempt start = start_of(ShellText{"echo"}, policy);
  start.env =
      std::make_shared<const Variables>(Variables{{"DAY", "monday"}, {"HOME", "/h"}, {"TASKRUN_TASK", "other"}});
  const LaunchBuilder builder(kRunnerEnvironment, false);
  const process::Launch launch = builder.build(start);
  CHECK(has(launch, "DAY=monday"));
  CHECK_FALSE(has(launch, "DAY=sunday"));
  CHECK(has(launch, "TONE=low"));
  CHECK(has(launch, "HOME=/h"));
  CHECK(has(launch, "TASKRUN_TASK=billing"));
}

TEST_CASE("a task sees its run, and nothing of the service manager's") {
  const LaunchBuilder builder(kRunnerEnvironment, false);
  const process::Launch launch = builder.build(start_of(ShellText{"echo"}));
  CHECK(launch.argv == std::vector<std::string>{"/bin/sh", "-c", "echo"});
  CHECK(has(launch, "PATH=/bin"));
  CHECK(has(launch, "TASKRUN_TASK=billing"));
  CHECK(has(launch, "TASKRUN_RUN_ID=00000000-0000-0000-0000-000000000000"));
  CHECK(has(launch, "TASKRUN_ATTEMPT=2"));
  CHECK(has(launch, "TASKRUN_TRIGGER=retry"));
  CHECK(has(launch, "TASKRUN_SCHEDULED_AT=1970-01-01T00:00:01.000000Z"));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "TASKRUN_HOOK", "TASKRUN_RESULT_FD"}) {
    CAPTURE(name);
    CHECK_FALSE(has_name(launch, name));
  }
}

TEST_CASE("the task's own variables win, and stand once") {
  TaskPolicy policy;
  policy.env = {{"LANG", "first"}, {"NEW", "1"}, {"LANG", "last"}, {"TASKRUN_TASK", "forged"}};
  const LaunchBuilder builder(kRunnerEnvironment, false);
  const process::Launch launch = builder.build(start_of(ShellText{"x"}, policy));
  CHECK(has(launch, "LANG=last"));
  CHECK_FALSE(has(launch, "LANG=first"));
  CHECK(has(launch, "NEW=1"));
  CHECK(has(launch, "TASKRUN_TASK=billing"));
}

TEST_CASE("inherit_env keeps all, some or none of the runner's variables") {
  TaskPolicy policy;
  policy.inherit_env = {false, {"PATH", "NOTIFY_SOCKET"}};
  const LaunchBuilder builder(kRunnerEnvironment, false);
  const process::Launch some = builder.build(start_of(ShellText{"x"}, policy));
  CHECK(has(some, "PATH=/bin"));
  CHECK_FALSE(has_name(some, "HOME"));
  CHECK_FALSE(has_name(some, "NOTIFY_SOCKET"));
  policy.inherit_env = {false, {}};
  CHECK_FALSE(has_name(builder.build(start_of(ShellText{"x"}, policy)), "PATH"));
}

TEST_CASE("a built-in gets its arguments on standard input and may give a result") {
  const LaunchBuilder builder(kRunnerEnvironment, true);
  const process::Launch launch = builder.build(start_of(BuiltinCall{"cleanup", R"({"directory":"/x"})"}));
  CHECK(launch.argv == std::vector<std::string>{"/proc/self/exe", "exec-builtin", "cleanup"});
  CHECK(launch.stdin_text == R"({"directory":"/x"})");
  CHECK(launch.result);
  CHECK(has(launch, "TASKRUN_RESULT_FD=3"));
  CHECK(launch.tee);
}

TEST_CASE("a hook sees how the run ended, and its own variables") {
  TaskPolicy policy;
  policy.env = {{"FROM", "task"}};
  policy.leftovers = Leftovers::leave;
  policy.output.mode = OutputMode::raw;
  policy.on_failure = Hook{CommandLine{{"notify", "-v"}}, std::nullopt, {{"FROM", "hook"}}};
  engine::StartHook start = hook_of_failed_run(policy);
  const LaunchBuilder builder(kRunnerEnvironment, false);
  const process::Launch launch = builder.build(start);
  CHECK(launch.argv == std::vector<std::string>{"notify", "-v"});
  for (const char* line : {"FROM=hook", "TASKRUN_HOOK=on_failure", "TASKRUN_OUTCOME=failure", "TASKRUN_EXIT_CODE=3",
                           "TASKRUN_TASK=billing"}) {
    CAPTURE(line);
    CHECK(has(launch, line));
  }
  CHECK_FALSE(has_name(launch, "TASKRUN_SIGNAL"));
  CHECK(launch.leftovers == Leftovers::kill);
  CHECK(launch.output.mode == OutputMode::tail);
  start.exit = {std::nullopt, 9, false};
  CHECK(has(builder.build(start), "TASKRUN_SIGNAL=SIGKILL"));
}
