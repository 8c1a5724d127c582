#include "daemon/exit_code.h"

namespace taskrun::daemon {
namespace {

constexpr int kTimedOut = 124;
constexpr int kSignalBase = 128;

int start_failure_code(StartFailure::Kind kind) {
  switch (kind) {
    case StartFailure::Kind::other: return 125;
    case StartFailure::Kind::not_executable: return 126;
    case StartFailure::Kind::not_found: return 127;
  }
  __builtin_unreachable();
}

int code_of(const RunFinished& run) {
  const AttemptReport& report = run.report;
  if (run.outcome == Outcome::timeout) return kTimedOut;
  if (report.start_failure) return start_failure_code(report.start_failure->kind);
  if (report.exit.signal) return kSignalBase + *report.exit.signal;
  return report.exit.exit_code.value_or(1);
}

}  // namespace

void ExitCode::record(const Event& event) {
  if (const auto* run = std::get_if<RunFinished>(&event.fact); run != nullptr && run->is_final) {
    last_run_ = code_of(*run);
    any_unsuccessful_ |= run->outcome != Outcome::success;
  } else if (std::holds_alternative<RunSkipped>(event.fact)) {
    any_skipped_ = true;
  }
}

}  // namespace taskrun::daemon
