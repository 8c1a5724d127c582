#pragma once

#include <vector>

#include "base/time.h"

namespace taskrun {

/// What a runner keeps of a task's due times on the wall clock, so that the next one knows which passed in between:
/// those until `answered` have been run or recorded as skipped, but for `owed` (oldest first, none after `answered`).
struct DueMark {
  WallTime answered;
  std::vector<WallTime> owed;
  friend bool operator==(const DueMark&, const DueMark&) = default;
};

}  // namespace taskrun
