#include "model/task_spec.h"

#include <doctest/doctest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Built-ins tell results unless they are told not to, and other tasks only when asked") {
  const auto wants = [](What what, std::optional<bool> result) {
    auto policy = std::make_shared<TaskPolicy>();
    policy->result = result;
    return wants_result({"a", std::move(what), OnRequest{}, policy});
  };
  CHECK(wants(BuiltinCall{"cleanup", "{}"}, std::nullopt));
  CHECK_FALSE(wants(BuiltinCall{"cleanup", "{}"}, false));
  CHECK_FALSE(wants(ShellText{"true"}, std::nullopt));
  CHECK(wants(ShellText{"true"}, true));
  CHECK_FALSE(wants(CommandLine{{"true"}}, std::nullopt));
}

TEST_CASE("What starts a task by itself is taken from it for a run on request, and nothing else") {
  auto policy = std::make_shared<TaskPolicy>();
  policy->run_at_start = true;
  policy->timeout = 3s;
  const TaskSpecPtr spec = on_request({"a", ShellText{"true"}, Every{1min}, policy});
  CHECK(std::holds_alternative<OnRequest>(spec->schedule));
  CHECK_FALSE(spec->policy->run_at_start);
  CHECK(spec->policy->timeout == 3s);
  CHECK(spec->name == "a");
  CHECK(policy->run_at_start);
}

TEST_CASE("A schedule is described as it would be written") {
  CHECK(describe(Every{90min}) == "every 1h30m");
  CHECK(describe(Delay{250ms}) == "delay 250ms");
  CHECK(describe(OnRequest{}) == "on request");
}

TEST_CASE("Each kind of hook is found in its place") {
  TaskPolicy policy;
  policy.on_success = Hook{ShellText{"s"}, 1s, {}};
  policy.on_failure = Hook{ShellText{"f"}, 2s, {}};
  CHECK(hook_of(policy, HookKind::on_success) == policy.on_success);
  CHECK(hook_of(policy, HookKind::on_failure) == policy.on_failure);
  CHECK_FALSE(hook_of(policy, HookKind::on_stop).has_value());
}

TEST_CASE("A task that says nothing gets what the manual promises") {
  const TaskPolicy policy;
  CHECK(policy.enabled);
  CHECK(policy.timeout == 10s);
  CHECK(policy.grace == 5s);
  CHECK(policy.stop_signal == 15);
  CHECK(policy.overlap == Overlap::skip);
  CHECK(policy.leftovers == Leftovers::kill);
  CHECK(policy.retry == RetryPolicy{1, 1s, 2, 5min, 0.1, {Outcome::failure, Outcome::timeout, Outcome::error}});
  CHECK(policy.output == OutputPolicy{OutputMode::tail, kibibytes(4)});
  CHECK(policy.success_codes == std::vector<int>{0});
  CHECK(policy.inherit_env.all);
}

}  // namespace
}  // namespace taskrun
