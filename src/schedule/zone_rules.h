#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/syntax_error.h"
#include "base/time.h"

namespace taskrun {

/// Seconds since 1970 as a clock shows them that knows no zone: local times are counted so, and UTC too.
using Seconds = std::int64_t;

/// Dates, weekdays and so clock changes repeat after 400 years.
inline constexpr Seconds kCycle = Seconds{146'097} * 86'400;

/// A stretch of time with one offset from UTC.
struct ZoneSegment {
  Seconds begin = 0;   ///< first second, UTC
  Seconds offset = 0;  ///< east of UTC
  Seconds fresh = 0;   ///< the first local time that no earlier segment has shown

  [[nodiscard]] Seconds local_begin() const { return begin + offset; }
};

/// A zone as its offset changes, until the year 2540. One table, because each due
/// time asks it: a look-up is a binary search, and what is skipped and what is repeated is arithmetic on two
/// neighbours.
struct ZoneRules {
  std::string name;
  std::vector<ZoneSegment> segments;  ///< ascending, not empty; the first begins before all time

  /// The place of the segment that holds that second of UTC, which is before the year 2540.
  [[nodiscard]] std::size_t segment_at(Seconds utc) const;
  /// The end of a segment in UTC; for the last one, later than anything asked.
  [[nodiscard]] Seconds end_of(std::size_t segment) const;
  [[nodiscard]] Seconds local_end_of(std::size_t segment) const { return end_of(segment) + segments[segment].offset; }
};

/// Rounded down.
[[nodiscard]] inline Seconds utc_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
[[nodiscard]] inline WallTime from_utc_seconds(Seconds seconds) { return WallTime(std::chrono::seconds(seconds)); }

/// How much earlier to ask a zone's table about that second, a whole number of cycles: 0 until the year 2490, so that
/// fifty years after any moment asked are in the table.
[[nodiscard]] inline Seconds cycles_back(Seconds utc) {
  constexpr Seconds kRepeatsFrom = 16'409'692'800;  // 2490-01-01
  return utc < kRepeatsFrom ? 0 : ((utc - kRepeatsFrom) / kCycle + 1) * kCycle;
}

/// The last second that WallTime can hold.
inline constexpr Seconds kLastSecond = 9'223'372'036;

/// The rules that the machine's tz database has under this name, read once; null where it has none. The name has been
/// looked at: it is of letters, digits and "/_+-". Never freed, because zones point to them.
[[nodiscard]] const ZoneRules* load_zone_rules(std::string_view name);

}  // namespace taskrun
