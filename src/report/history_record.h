#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "model/due_mark.h"
#include "model/event.h"
#include "model/run_ref.h"

/// What is written into the history: plain values, made on the loop's thread and handed to the one that writes.
namespace taskrun::report {

/// A run is about to start: its first attempt. Open until the attempt that is final has finished, or a DueTimeSkipped
/// ends it.
struct RunClaimed {
  RunRef run;
  WallTime claimed_at;
};

/// A due time that did not run, or `count` of them.
struct DueTimeSkipped {
  RunSkipped skipped;
  WallTime at;
  bool ends_claim = false;  ///< it was claimed, and its start withdrawn
};

/// What the next runner must know of a task's due times. No mark: nothing, and what was kept is forgotten.
struct DueTimesKept {
  std::string task;
  std::optional<DueMark> mark;
};

/// So many claims, ends and skips could not be written, because the disk failed.
struct RecordsLost {
  WallTime from, until;
  std::uint64_t count = 0;
};

/// A RunFinished is one attempt; it closes its run where it is final.
using HistoryRecord = std::variant<RunClaimed, RunFinished, DueTimeSkipped, DueTimesKept, RecordsLost>;

}  // namespace taskrun::report
