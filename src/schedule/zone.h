#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/syntax_error.h"
#include "base/time.h"

namespace taskrun {

struct ZoneRules;

/// A zone of the tz database. One pointer: the rules behind it are read once for each name and live as long as the
/// process, so that a copy costs nothing and 100,000 tasks share them. Equal where the names are.
class Zone {
 public:
  explicit Zone(const ZoneRules& rules) : rules_(&rules) {}

  /// As the tz database spells it: "Asia/Shanghai".
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const ZoneRules& rules() const { return *rules_; }
  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  const ZoneRules* rules_;  // interned, never null
};

/// The zone of that name. Refuses what is no name of the tz database (empty, a path, "..", "localtime", an offset), and
/// what this machine's database does not have, with the nearest names as the hint; where the machine has no database
/// at all, says so and how to get one. Any thread may ask.
[[nodiscard]] tl::expected<Zone, SyntaxError> find_zone(std::string_view name);

/// Needs no database.
[[nodiscard]] Zone utc_zone();

/// The zone of this machine: $TZ, else /etc/localtime, else UTC; always one with a name. Fails where $TZ or
/// /etc/localtime names none.
[[nodiscard]] tl::expected<Zone, SyntaxError> local_zone();

/// What a wall clock in some zone shows at an instant.
struct CivilTime {
  int year = 1970;
  int month = 1;    ///< 1-12
  int day = 1;      ///< 1-31
  int weekday = 4;  ///< 0 (Sunday) to 6
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::chrono::seconds offset{};  ///< east of UTC
  friend bool operator==(const CivilTime&, const CivilTime&) = default;
};

[[nodiscard]] CivilTime civil_time(std::chrono::sys_seconds time, Zone zone);
/// Rounded down.
[[nodiscard]] inline CivilTime civil_time(WallTime time, Zone zone) {
  return civil_time(std::chrono::floor<std::chrono::seconds>(time), zone);
}

/// RFC 3339 with the zone's offset at that time, in whole seconds, rounded down: "2026-03-29T03:00:00+02:00". An offset
/// that is not of whole minutes (before 1972) is rounded toward UTC, as the format has no seconds there.
[[nodiscard]] std::string format_local(std::chrono::sys_seconds time, Zone zone);
[[nodiscard]] inline std::string format_local(WallTime time, Zone zone) {
  return format_local(std::chrono::floor<std::chrono::seconds>(time), zone);
}

/// Reads RFC 3339 ("2026-03-29T03:00:00+02:00", "…Z", fractions to the nanosecond, further digits dropped). Refuses
/// what has no offset, a date that does not exist, and years that 64-bit nanoseconds cannot hold (before 1678, after
/// 2261).
[[nodiscard]] tl::expected<WallTime, SyntaxError> parse_rfc3339(std::string_view text);
/// The same in whole seconds, rounded down, for all years from 0000 to 9999.
[[nodiscard]] tl::expected<std::chrono::sys_seconds, SyntaxError> parse_rfc3339_seconds(std::string_view text);

/// A moment at which a zone's offset from UTC changes, for whatever reason.
struct OffsetChange {
  WallTime at;
  std::chrono::seconds before{};  ///< offset east of UTC until then
  std::chrono::seconds after{};   ///< and from then on; greater: local times are skipped, less: some are repeated
  friend bool operator==(const OffsetChange&, const OffsetChange&) = default;
};

/// Those in (after, until], oldest first.
[[nodiscard]] std::vector<OffsetChange> offset_changes(Zone zone, WallTime after, WallTime until);

}  // namespace taskrun
