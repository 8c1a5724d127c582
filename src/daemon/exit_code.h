#pragma once

#include <optional>

#include "model/event.h"
#include "report/sink.h"

namespace taskrun::daemon {

/// What of a run's end decides what whoever waited for it exits with.
struct RunEnding {
  Outcome outcome = Outcome::success;
  std::optional<StartFailure::Kind> start_failure;  ///< set: it could not start
  ExitStatus exit;
};

/// The task's own code, but 1 for a 0 that is no success (docs/decisions/0056); 124 after a timeout, 125, 126 or 127
/// where it could not start, 128 + n after signal n.
[[nodiscard]] int exit_code_of(const RunEnding& ending);

/// Reads the exit code of `start` and `once` off the events (product.md, Exit codes).
class ExitCode : public report::Sink {
 public:
  void record(const Event& event) override;

  /// Of `once` with one task: the task's own, or why it has none.
  [[nodiscard]] int of_only_run() const { return last_run_; }
  [[nodiscard]] bool any_unsuccessful() const { return any_unsuccessful_; }
  [[nodiscard]] bool any_skipped() const { return any_skipped_; }

 private:
  int last_run_ = 1;  // a run that was skipped
  bool any_unsuccessful_ = false;
  bool any_skipped_ = false;
};

}  // namespace taskrun::daemon
