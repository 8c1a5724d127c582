#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "model/outcome.h"

namespace taskrun::report {

/// One thing that happened, or still does, as the history tells it.
struct HistoryEntry {
  enum class Kind {
    running,  ///< a run without an end: of a runner that is alive, or that died and has not been started again
    ended,    ///< one attempt; of a list, the final one of its run
    skipped,  ///< a due time, or `count` of them
    gap,      ///< `count` records that could not be written; no task, no run
  } kind = Kind::ended;
  std::int64_t number = 0;  ///< its place; later ones are larger. Running: among the running
  std::string task;
  RunId run;
  int attempt = 1;
  Trigger trigger = Trigger::schedule;  ///< why the run exists
  WallTime scheduled_at;                ///< of a gap: when it began
  WallTime at;                          ///< started, claimed, or skipped; of a gap: when it ended

  // ended
  Outcome outcome = Outcome::success;
  Nanos duration{};
  AttemptReport report;  ///< without tails and result, which are a HistoryOutput
  std::optional<KilledBy> killed_by;
  std::optional<Nanos> retry_in;  ///< set: not the final attempt
  std::string error;

  SkipReason reason = SkipReason::overlap;  ///< skipped
  std::uint64_t count = 1;                  ///< skipped, gap
};

/// "running", "skipped", "gap", or the outcome.
[[nodiscard]] std::string_view word_of(const HistoryEntry& entry);

/// What an attempt wrote, as far as it was kept.
struct HistoryOutput {
  std::string stdout_tail, stderr_tail;  ///< raw bytes
  std::string result;                    ///< JSON, or ""
};

}  // namespace taskrun::report
