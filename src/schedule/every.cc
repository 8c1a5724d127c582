#include "schedule/every.h"

#include <algorithm>

namespace taskrun {
namespace {

// How many due times lie in (base, time].
std::int64_t due_until(const Every& every, BootTime base, BootTime time) {
  return time <= base ? 0 : (time - base) / every.period;
}

}  // namespace

BootTime next_due(const Every& every, BootTime base, BootTime after) {
  return base + every.period * (due_until(every, base, after) + 1);
}

DueTimes due_between(const Every& every, BootTime base, BootTime after, BootTime until) {
  const std::int64_t last = due_until(every, base, until);
  const std::int64_t count = std::max<std::int64_t>(last - due_until(every, base, after), 0);
  return {base + every.period * last, count};
}

}  // namespace taskrun
