#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/history_file.h"
#include "tests/unit/report/samples.h"

/// Runs as a runner could record them.
namespace taskrun::report {

/// A run of a task, due so many seconds after noon; the same arguments make the same run.
inline RunRef run_of(const std::string& task, int second, Trigger trigger = Trigger::schedule, int who = 0) {
  RunRef run{sample_task(task), {}, 1, trigger, kNoon + std::chrono::seconds(second)};
  std::uint64_t seed = static_cast<std::uint64_t>(who);
  for (const char letter : task) seed = seed * 31 + static_cast<std::uint64_t>(letter);
  run.id = RunIdSource(seed).make(run.scheduled_at);
  return run;
}

inline RunClaimed claimed(const RunRef& run) { return {run, run.scheduled_at + 1ms}; }

inline RunFinished ended(const RunRef& run, Outcome outcome = Outcome::success, Nanos duration = 1s) {
  RunFinished finished;
  finished.run = run;
  finished.started_at = run.scheduled_at + 2ms;
  finished.duration = duration;
  finished.outcome = outcome;
  finished.report = exited(outcome == Outcome::success ? 0 : 1);
  return finished;
}

inline DueTimeSkipped skipped(const RunRef& run, SkipReason reason = SkipReason::overlap, std::uint64_t count = 1) {
  return {{run, reason, count, std::nullopt}, run.scheduled_at + 3ms};
}

}  // namespace taskrun::report
