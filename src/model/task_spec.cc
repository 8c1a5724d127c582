#include "model/task_spec.h"

#include "schedule/duration.h"

namespace taskrun {

bool wants_result(const TaskSpec& spec) {
  return spec.policy->result.value_or(std::holds_alternative<BuiltinCall>(spec.what));
}

const std::optional<Hook>& hook_of(const TaskPolicy& policy, HookKind kind) {
  switch (kind) {
    case HookKind::on_success: return policy.on_success;
    case HookKind::on_failure: return policy.on_failure;
    case HookKind::on_stop: return policy.on_stop;
  }
  __builtin_unreachable();
}

std::string describe(const Schedule& schedule) {
  struct Describe {
    std::string operator()(const OnRequest&) const { return "on request"; }
    std::string operator()(const Every& every) const { return "every " + format_duration(every.period); }
    std::string operator()(const Delay& delay) const { return "delay " + format_duration(delay.wait); }
  };
  return std::visit(Describe{}, schedule);
}

}  // namespace taskrun
