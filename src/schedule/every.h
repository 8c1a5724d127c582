#pragma once

#include "base/time.h"

namespace taskrun {

/// Fixed rate: due at base + k·period for k = 1, 2, 3 …, where base is the moment the task was added.
struct Every {
  Nanos period{};  ///< at least limits::kShortestPeriod in a task
  friend bool operator==(const Every&, const Every&) = default;
};

/// The due times of `every` in (after, until], told by the last of them and their number; count 0 where there is none.
struct DueTimes {
  BootTime last{};
  std::int64_t count = 0;
};

/// First due time strictly after `after`.
[[nodiscard]] BootTime next_due(const Every& every, BootTime base, BootTime after);

/// In constant time, however many there are.
[[nodiscard]] DueTimes due_between(const Every& every, BootTime base, BootTime after, BootTime until);

}  // namespace taskrun
