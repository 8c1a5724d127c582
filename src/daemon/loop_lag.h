#pragma once

#include <optional>

#include "base/time.h"

namespace taskrun::daemon {

/// How late the loop has been. Told by the loop itself, in turns that it takes anyway, so it wakes nobody: how long
/// after its deadline a turn began, how long it took, and, while somebody asks, how long the next deadline is overdue.
/// Times are monotonic: a machine that sleeps is not late.
class LoopLag {
 public:
  /// A turn begins to decide what came at `now`; or goes on with what came of that, and counts from its beginning.
  void turn_began(MonoTime now);
  /// It has ended, and the next one is due after `wait`; none: nothing is.
  void turn_ended(MonoTime now, std::optional<Nanos> wait);

  /// The longest of what was told in the last limits::kLoopLagRemembered, at most twice as long ago.
  [[nodiscard]] Nanos worst(MonoTime now) const;

 private:
  void note(MonoTime now, Nanos lag);

  std::optional<MonoTime> began_;
  std::optional<MonoTime> deadline_;
  // The time is cut into spans of kLoopLagRemembered: this one, which began at `since_`, and the one before.
  MonoTime since_{};
  Nanos recent_{};
  Nanos before_{};
};

}  // namespace taskrun::daemon
