#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "schedule/cron.h"
#include "schedule/zone_rules.h"

/// Cron fields against a calendar that has no zone: local seconds in, local seconds out.
namespace taskrun::calendar {

inline constexpr Seconds kDay = 86'400;

/// The days of a month that the two day fields ask for, bit d for day d. The month itself is not asked.
[[nodiscard]] std::uint32_t days_of_month(const CronFields& fields, std::chrono::year_month month);
/// The same by one day field alone.
[[nodiscard]] std::uint32_t days_by_number(const CronDays& days, std::chrono::year_month month);
[[nodiscard]] std::uint32_t days_by_weekday(const CronDays& days, std::chrono::year_month month);

/// Whether any date exists that the fields ask for.
[[nodiscard]] bool can_match(const CronFields& fields);

/// The first second from `local` on that the fields match; nothing where there is none within the next fifty years,
/// which is longer than any two 29ths of February on one weekday are apart.
[[nodiscard]] std::optional<Seconds> first_match(const CronFields& fields, Seconds local);

/// How many seconds of [begin, end) at least one of the fields matches: by months for one, by days for several.
[[nodiscard]] std::int64_t count_matches(std::span<const CronFields* const> fields, Seconds begin, Seconds end);

}  // namespace taskrun::calendar
