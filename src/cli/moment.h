#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "model/task_spec.h"
#include "schedule/zone.h"

/// Moments as people write and read them.
namespace taskrun::cli {

/// A moment of any year from 0 to 9999: more than a WallTime can hold.
struct Instant {
  std::chrono::sys_seconds second{};
  Nanos fraction{};  ///< less than a second

  Instant() = default;
  Instant(std::chrono::sys_seconds whole, Nanos part = {}) : second(whole), fraction(part) {}
  Instant(WallTime time) : second(std::chrono::floor<std::chrono::seconds>(time)), fraction(time - second) {}
};

/// Reads RFC 3339 with an offset.
[[nodiscard]] tl::expected<Instant, SyntaxError> read_instant(std::string_view text);

/// Nothing where 64-bit nanoseconds cannot hold it (before 1678, after 2261).
[[nodiscard]] std::optional<WallTime> wall_time(const Instant& instant);

/// The zone of whoever reads the answer: the machine's local one, UTC where it has none.
[[nodiscard]] Zone viewer_zone();

/// The zone that a task's due times are meant in: of its (first) cron expression; of other schedules the viewer's.
[[nodiscard]] Zone zone_of(const TaskSpec& task);

/// "Sun 2026-11-22 02:00:00 +08:00", rounded down to the second.
[[nodiscard]] std::string moment_text(const Instant& time, Zone zone);

/// "2026-11-22 02:00 +08:00", with seconds where there are some.
[[nodiscard]] std::string minute_text(WallTime time, Zone zone);

/// "Nov 22 02:00", where the year and the zone are plain.
[[nodiscard]] std::string day_text(WallTime time, Zone zone);

/// RFC 3339 in that zone, exact: "2026-11-22T02:00:00+08:00", "…:00.25+08:00".
[[nodiscard]] std::string exact_text(const Instant& time, Zone zone);

/// The time of day: "02:30", with seconds where there are some.
[[nodiscard]] std::string clock_text(const CivilTime& time);

/// What somebody meant by a time.
struct Moment {
  WallTime time;
  /// Of a time without an offset, where a clock change makes it another or one of two; "" where it is plain.
  std::string remark;
};

/// Reads RFC 3339, or "2026-03-29T02:30", "2026-03-29 02:30:15": the clock of `zone`. A local time that the zone skips
/// is the first moment after the gap; one that it shows twice, the first of them.
[[nodiscard]] Result<Moment> read_moment(std::string_view text, Zone zone);

}  // namespace taskrun::cli
