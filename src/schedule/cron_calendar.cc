// A month is a word of 32 bits, a day of it a bit; so a day is found by counting trailing zeros, and what a weekday
// asks for is one pattern of seven bits, repeated and shifted to the month's first day.

#include "schedule/cron_calendar.h"

#include <bit>

namespace taskrun::calendar {
namespace {

namespace chrono = std::chrono;

constexpr int kSearchedYears = 50;

unsigned length_of(chrono::year_month month) { return static_cast<unsigned>((month / chrono::last).day()); }

unsigned first_weekday_of(chrono::year_month month) {
  return chrono::weekday(chrono::sys_days(month / 1)).c_encoding();
}

std::uint32_t bit(unsigned n) { return std::uint32_t{1} << n; }
std::uint32_t days_up_to(unsigned last) { return (bit(last) << 1U) - 2; }  // bits 1 to `last`; `last` at most 31

// Calls `take` with the place of each bit.
template <class Bits, class Take>
void for_each_bit(Bits bits, Take take) {
  for (; bits != 0; bits = static_cast<Bits>(bits & (bits - 1))) take(static_cast<unsigned>(std::countr_zero(bits)));
}

// The lowest bit of `bits` from `from` on, or -1.
template <class Bits>
int next_bit(Bits bits, unsigned from) {
  const Bits rest = from < 64 ? static_cast<Bits>(bits >> from << from) : Bits{0};
  return rest == 0 ? -1 : std::countr_zero(rest);
}

// The workday nearest to a day, within its month.
unsigned workday_near(unsigned day, unsigned weekday, unsigned length) {
  if (weekday == 6) return day > 1 ? day - 1 : day + 2;
  if (weekday == 0) return day < length ? day + 1 : day - 2;
  return day;
}

// The month's days for `L`, `L-n`, `LW` and `nW`.
std::uint32_t days_by_rule(const CronDays& days, chrono::year_month month) {
  const unsigned length = length_of(month);
  const unsigned first = first_weekday_of(month);
  std::uint32_t found = 0;
  for_each_bit(days.before_last, [&](unsigned n) { found |= n < length ? bit(length - n) : 0; });
  for_each_bit(days.nearest_workday, [&](unsigned n) {
    const unsigned day = n == 0 ? length : n;
    if (day <= length) found |= bit(workday_near(day, (first + day - 1) % 7, length));
  });
  return found;
}

// The month's days for `w#n` and `wL`.
std::uint32_t days_by_weekday_rule(const CronDays& days, unsigned length, unsigned first) {
  std::uint32_t found = 0;
  const auto first_day = [&](unsigned weekday) { return 1 + (weekday + 7 - first) % 7; };
  for_each_bit(days.nth_weekday, [&](unsigned place) {
    const unsigned day = first_day(place % 7) + place / 7 * 7;
    if (day <= length) found |= bit(day);
  });
  for_each_bit(days.last_of_week, [&](unsigned weekday) {
    const unsigned day = first_day(weekday);
    found |= bit(day + (length - day) / 7 * 7);
  });
  return found;
}

struct Date {
  chrono::year_month month;
  unsigned day;
};

Date date_of(Seconds day) {
  const chrono::year_month_day date{chrono::sys_days(chrono::days(day))};
  return {date.year() / date.month(), static_cast<unsigned>(date.day())};
}

Seconds day_number(chrono::year_month month, unsigned day) {
  return chrono::sys_days(month / static_cast<int>(day)).time_since_epoch().count();
}

// Rounds down, unlike division.
Seconds day_of(Seconds local) { return (local >= 0 ? local : local - kDay + 1) / kDay; }

bool has_month(const CronFields& fields, chrono::year_month month) {
  return (fields.months >> static_cast<unsigned>(month.month()) & 1U) != 0;
}

// The days of a month that the fields match, its own field asked as well.
std::uint32_t matching_days(const CronFields& fields, chrono::year_month month) {
  return has_month(fields, month) ? days_of_month(fields, month) : 0;
}

Seconds first_time_of_day(const CronFields& fields) {
  return Seconds{std::countr_zero(fields.hours)} * 3600 + std::countr_zero(fields.minutes) * 60 +
         std::countr_zero(fields.seconds);
}

// The first second of the day from `time` on, or -1.
Seconds next_time_of_day(const CronFields& fields, Seconds time) {
  const auto hour = static_cast<unsigned>(time / 3600);
  const auto minute = static_cast<unsigned>(time / 60 % 60);
  if ((fields.hours >> hour & 1U) != 0) {
    if ((fields.minutes >> minute & 1U) != 0) {
      const int second = next_bit(fields.seconds, static_cast<unsigned>(time % 60));
      if (second >= 0) return time - time % 60 + second;
    }
    const int later = next_bit(fields.minutes, minute + 1);
    if (later >= 0) return Seconds{hour} * 3600 + later * 60 + std::countr_zero(fields.seconds);
  }
  const int later = hour < 23 ? next_bit(fields.hours, hour + 1) : -1;
  if (later < 0) return -1;
  return Seconds{later} * 3600 + std::countr_zero(fields.minutes) * 60 + std::countr_zero(fields.seconds);
}

// The number of the first matching day after a date.
std::optional<Seconds> next_day(const CronFields& fields, Date date) {
  std::uint32_t days = matching_days(fields, date.month) & ~days_up_to(date.day);
  const chrono::year last = date.month.year() + chrono::years(kSearchedYears);
  chrono::year_month month = date.month;
  while (days == 0) {
    const int next = next_bit(fields.months, static_cast<unsigned>(month.month()) + 1);
    month = next >= 0 ? month.year() / next : (month.year() + chrono::years(1)) / std::countr_zero(fields.months);
    if (month.year() > last) return std::nullopt;
    days = days_of_month(fields, month);
  }
  return day_number(month, static_cast<unsigned>(std::countr_zero(days)));
}

}  // namespace

std::uint32_t days_by_number(const CronDays& days, chrono::year_month month) {
  const std::uint32_t plain = days.of_month & days_up_to(length_of(month));
  return (days.before_last | days.nearest_workday) == 0 ? plain : plain | days_by_rule(days, month);
}

std::uint32_t days_by_weekday(const CronDays& days, chrono::year_month month) {
  const unsigned length = length_of(month);
  const unsigned first = first_weekday_of(month);
  constexpr std::uint64_t kEveryWeek = 0x810204081;  // bits 0, 7, 14, 21, 28, 35
  const std::uint64_t weeks = days.of_week * kEveryWeek;
  const std::uint32_t plain = static_cast<std::uint32_t>(weeks >> first << 1) & days_up_to(length);
  const bool is_plain = days.nth_weekday == 0 && days.last_of_week == 0;
  return is_plain ? plain : plain | days_by_weekday_rule(days, length, first);
}

std::uint32_t days_of_month(const CronFields& fields, chrono::year_month month) {
  switch (fields.day_rule) {
    case DayRule::every_day: return days_up_to(length_of(month));
    case DayRule::day_of_month: return days_by_number(fields.days, month);
    case DayRule::day_of_week: return days_by_weekday(fields.days, month);
    case DayRule::either: return days_by_number(fields.days, month) | days_by_weekday(fields.days, month);
  }
  __builtin_unreachable();
}

bool can_match(const CronFields& fields) {
  // The calendar repeats after 400 years, and these have each of its fourteen kinds of year.
  return next_day(fields, {chrono::year(2000) / 1, 0}).has_value();
}

std::optional<Seconds> first_match(const CronFields& fields, Seconds local) {
  const Seconds day = day_of(local);
  const Date date = date_of(day);
  if ((matching_days(fields, date.month) >> date.day & 1U) != 0) {
    const Seconds time = next_time_of_day(fields, local - day * kDay);
    if (time >= 0) return day * kDay + time;
  }
  const std::optional<Seconds> next = next_day(fields, date);
  return next ? std::optional(*next * kDay + first_time_of_day(fields)) : std::nullopt;
}

}  // namespace taskrun::calendar
