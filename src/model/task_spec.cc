#include "model/task_spec.h"

#include <fmt/format.h>

#include "schedule/duration.h"

namespace taskrun {

bool wants_result(const TaskSpec& spec) {
  return spec.policy->result.value_or(std::holds_alternative<BuiltinCall>(spec.what));
}

TaskSpecPtr on_request(TaskSpec spec) {
  spec.schedule = OnRequest{};
  if (spec.policy->run_at_start) {
    TaskPolicy policy = *spec.policy;
    policy.run_at_start = false;
    spec.policy = std::make_shared<TaskPolicy>(std::move(policy));
  }
  return std::make_shared<TaskSpec>(std::move(spec));
}

const std::optional<Hook>& hook_of(const TaskPolicy& policy, HookKind kind) {
  switch (kind) {
    case HookKind::on_success: return policy.on_success;
    case HookKind::on_failure: return policy.on_failure;
    case HookKind::on_stop: return policy.on_stop;
  }
  __builtin_unreachable();
}

std::string_view to_word(DstPolicy::Gap value) {
  switch (value) {
    case DstPolicy::Gap::run: return "run";
    case DstPolicy::Gap::skip: return "skip";
  }
  __builtin_unreachable();
}

std::string_view to_word(DstPolicy::Overlap value) {
  switch (value) {
    case DstPolicy::Overlap::once: return "once";
    case DstPolicy::Overlap::twice: return "twice";
  }
  __builtin_unreachable();
}

namespace {

// What follows the first of several.
std::string and_more(std::size_t count) { return count > 1 ? fmt::format(" and {} more", count - 1) : ""; }

}  // namespace

std::string describe(const Schedule& schedule) {
  struct Describe {
    std::string operator()(const OnRequest&) const { return "on request"; }
    std::string operator()(const Every& every) const { return "every " + format_duration(every.period); }
    std::string operator()(const Delay& delay) const { return "delay " + format_duration(delay.wait); }
    std::string operator()(const Cron& cron) const {
      const CronExpression& first = cron.expressions().front();
      return fmt::format("cron {} {}{}", first.text(), first.zone().name(), and_more(cron.expressions().size()));
    }
    std::string operator()(const At& at) const {
      if (at.times().empty()) return "at no time";
      return fmt::format("at {}{}", format_local(at.times().front(), utc_zone()), and_more(at.times().size()));
    }
  };
  return std::visit(Describe{}, schedule);
}

}  // namespace taskrun
