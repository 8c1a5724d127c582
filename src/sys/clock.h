#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace taskrun::sys {

/// Reads the three clocks, one close after the other.
[[nodiscard]] Now read_clocks();

/// A descriptor that becomes readable at a moment of the boot-time clock. Owns it.
class BootTimer {
 public:
  [[nodiscard]] static Result<BootTimer> make();
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Fires at `when`, or before that at an earlier moment that it was armed for: whoever waits compares the clock. So a
  /// deadline that moves on costs no system call. A moment that has passed fires at once.
  void arm(BootTime when);
  void disarm();
  /// Takes back the readiness; whether it had fired since. Never blocks.
  bool consume();

 private:
  explicit BootTimer(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::optional<BootTime> armed_;  // the moment at which the kernel will wake us
};

/// The same on the wall clock; also fires when somebody sets that clock.
class WallTimer {
 public:
  enum class Fired { nothing, due, clock_set };
  [[nodiscard]] static Result<WallTimer> make();
  [[nodiscard]] int fd() const { return fd_.get(); }
  void arm(WallTime when);
  /// Arms for the setting of the clock alone.
  void watch_clock();
  /// What has happened since; after `clock_set` it must be armed anew. Never blocks.
  Fired consume();

 private:
  explicit WallTimer(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace taskrun::sys
