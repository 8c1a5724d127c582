#include "daemon/exit_code.h"

namespace taskrun::daemon {
namespace {

constexpr int kFailed = 1;
constexpr int kTimedOut = 124;
constexpr int kSignalBase = 128;

int start_failure_code(StartFailure::Kind kind) {
  switch (kind) {
    case StartFailure::Kind::refused:
    case StartFailure::Kind::withdrawn:
    case StartFailure::Kind::other: return 125;
    case StartFailure::Kind::not_executable: return 126;
    case StartFailure::Kind::not_found: return 127;
  }
  __builtin_unreachable();
}

RunEnding ending_of(const RunFinished& run) {
  const auto& failure = run.report.start_failure;
  return {run.outcome, failure ? std::optional(failure->kind) : std::nullopt, run.report.exit};
}

}  // namespace

int exit_code_of(const RunEnding& ending) {
  if (ending.outcome == Outcome::timeout) return kTimedOut;
  if (ending.start_failure) return start_failure_code(*ending.start_failure);
  if (ending.exit.signal) return kSignalBase + *ending.exit.signal;
  const int own = ending.exit.exit_code.value_or(kFailed);
  return own == 0 && ending.outcome != Outcome::success ? kFailed : own;
}

void ExitCode::record(const Event& event) {
  if (const auto* run = std::get_if<RunFinished>(&event.fact); run != nullptr && run->is_final) {
    last_run_ = exit_code_of(ending_of(*run));
    any_unsuccessful_ |= run->outcome != Outcome::success;
  } else if (std::holds_alternative<RunSkipped>(event.fact)) {
    any_skipped_ = true;
  }
}

}  // namespace taskrun::daemon
