#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace taskrun {

/// Every duration of ours is a signed 64-bit count of nanoseconds (292 years).
using Nanos = std::chrono::nanoseconds;

/// CLOCK_BOOTTIME: never steps and counts suspend. Intervals, delays, grace and retry waits live on it.
/// A tag only: it has no now(), because time is an argument here; sys/clock.h reads the clocks.
struct BootClock {
  using duration = Nanos;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};

/// CLOCK_MONOTONIC: never steps and stands still during suspend. A task's timeout and its duration live on it.
struct MonoClock {
  using duration = Nanos;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
};

using BootTime = BootClock::time_point;
using MonoTime = MonoClock::time_point;
/// CLOCK_REALTIME, nanoseconds since 1970-01-01T00:00:00Z; it may step.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanos>;

/// The three clocks, read together.
struct Now {
  BootTime boot;
  MonoTime mono;
  WallTime wall;
};

/// RFC 3339 in UTC with six decimals and "Z": 2026-02-03T04:05:06.000007Z. Rounds down. Always 27 characters.
[[nodiscard]] std::string format_utc(WallTime time);

/// Milliseconds with three decimals ("1234.567"), as in the event lines. Rounds toward zero.
[[nodiscard]] std::string format_milliseconds(Nanos duration);

}  // namespace taskrun
