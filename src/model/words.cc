// The words of the closed sets, spelled as in the manifest and on the wire.

#include "model/event.h"

namespace taskrun {

std::string_view to_word(Outcome value) {
  switch (value) {
    case Outcome::success: return "success";
    case Outcome::failure: return "failure";
    case Outcome::timeout: return "timeout";
    case Outcome::error: return "error";
    case Outcome::cancelled: return "cancelled";
  }
  __builtin_unreachable();
}

std::string_view to_word(KilledBy value) {
  switch (value) {
    case KilledBy::timeout: return "timeout";
    case KilledBy::cancel: return "cancel";
    case KilledBy::replace: return "replace";
    case KilledBy::stop: return "stop";
    case KilledBy::oom: return "oom";
  }
  __builtin_unreachable();
}

std::string_view to_word(Trigger value) {
  switch (value) {
    case Trigger::schedule: return "schedule";
    case Trigger::start: return "start";
    case Trigger::manual: return "manual";
    case Trigger::retry: return "retry";
    case Trigger::catch_up: return "catch_up";
    case Trigger::queue: return "queue";
  }
  __builtin_unreachable();
}

std::string_view to_word(SkipReason value) {
  switch (value) {
    case SkipReason::overlap: return "overlap";
    case SkipReason::paused: return "paused";
    case SkipReason::pool: return "pool";
    case SkipReason::missed: return "missed";
    case SkipReason::late: return "late";
    case SkipReason::disabled: return "disabled";
    case SkipReason::stopping: return "stopping";
  }
  __builtin_unreachable();
}

std::string_view to_word(Overlap value) {
  switch (value) {
    case Overlap::skip: return "skip";
    case Overlap::queue: return "queue";
    case Overlap::parallel: return "parallel";
    case Overlap::replace: return "replace";
  }
  __builtin_unreachable();
}

std::string_view to_word(Leftovers value) {
  switch (value) {
    case Leftovers::kill: return "kill";
    case Leftovers::wait: return "wait";
    case Leftovers::leave: return "leave";
  }
  __builtin_unreachable();
}

std::string_view to_word(CatchUp value) {
  switch (value) {
    case CatchUp::none: return "none";
    case CatchUp::latest: return "latest";
    case CatchUp::all: return "all";
  }
  __builtin_unreachable();
}

std::string_view to_word(OutputMode value) {
  switch (value) {
    case OutputMode::tail: return "tail";
    case OutputMode::lines: return "lines";
    case OutputMode::raw: return "raw";
    case OutputMode::none: return "none";
  }
  __builtin_unreachable();
}

std::string_view to_word(HookKind value) {
  switch (value) {
    case HookKind::on_success: return "on_success";
    case HookKind::on_failure: return "on_failure";
    case HookKind::on_stop: return "on_stop";
  }
  __builtin_unreachable();
}

std::string_view to_word(Level value) {
  switch (value) {
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
  }
  __builtin_unreachable();
}

namespace {

struct EventName {
  std::string_view operator()(const RunnerStarted&) const { return "runner_started"; }
  std::string_view operator()(const RunnerStopping&) const { return "runner_stopping"; }
  std::string_view operator()(const RunnerStopped&) const { return "runner_stopped"; }
  std::string_view operator()(const ManifestReloaded&) const { return "manifest_reloaded"; }
  std::string_view operator()(const ManifestRejected&) const { return "manifest_rejected"; }
  std::string_view operator()(const TaskAdded&) const { return "task_added"; }
  std::string_view operator()(const TaskRemoved&) const { return "task_removed"; }
  std::string_view operator()(const TaskPaused&) const { return "task_paused"; }
  std::string_view operator()(const TaskResumed&) const { return "task_resumed"; }
  std::string_view operator()(const RunStarted&) const { return "run_started"; }
  std::string_view operator()(const RunOutput&) const { return "run_output"; }
  std::string_view operator()(const RunFinished&) const { return "run_finished"; }
  std::string_view operator()(const RunSkipped&) const { return "run_skipped"; }
  std::string_view operator()(const HookFinished&) const { return "hook_finished"; }
  std::string_view operator()(const KillSent&) const { return "kill_sent"; }
  std::string_view operator()(const ContainmentFailed&) const { return "containment_failed"; }
  std::string_view operator()(const ClockJumped&) const { return "clock_jumped"; }
  std::string_view operator()(const EventsDropped&) const { return "events_dropped"; }
  std::string_view operator()(const HistoryDegraded&) const { return "history_degraded"; }
  std::string_view operator()(const HistoryRestored&) const { return "history_restored"; }
};

}  // namespace

std::string_view event_name(const Fact& fact) { return std::visit(EventName{}, fact); }

}  // namespace taskrun
