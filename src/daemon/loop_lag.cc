#include "daemon/loop_lag.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace taskrun::daemon {

void LoopLag::turn_began(MonoTime now) {
  began_ = began_.value_or(now);
  if (deadline_) note(now, now - *deadline_);
}

void LoopLag::turn_ended(MonoTime now, std::optional<Nanos> wait) {
  if (const auto began = std::exchange(began_, std::nullopt)) note(now, now - *began);
  deadline_ = wait ? std::optional(now + *wait) : std::nullopt;
}

Nanos LoopLag::worst(MonoTime now) const {
  const Nanos age = now - since_;
  Nanos lag = deadline_ ? std::max(now - *deadline_, Nanos::zero()) : Nanos::zero();
  if (age < 2 * limits::kLoopLagRemembered) lag = std::max(lag, recent_);
  if (age < limits::kLoopLagRemembered) lag = std::max(lag, before_);
  return lag;
}

void LoopLag::note(MonoTime now, Nanos lag) {
  if (now - since_ >= 2 * limits::kLoopLagRemembered) {
    since_ = now;
    recent_ = before_ = Nanos::zero();
  } else if (now - since_ >= limits::kLoopLagRemembered) {
    since_ += limits::kLoopLagRemembered;
    before_ = std::exchange(recent_, Nanos::zero());
  }
  recent_ = std::max(recent_, lag);
}

}  // namespace taskrun::daemon
