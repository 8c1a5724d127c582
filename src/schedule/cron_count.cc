// Counting without looking at each due time. Days on which the same expressions match have the same number of due
// times, so it is counted once for each such set, and days are then only told apart.

#include <bit>
#include <map>
#include <vector>

#include "schedule/cron_calendar.h"

namespace taskrun::calendar {
namespace {

namespace chrono = std::chrono;

using Fields = std::vector<const CronFields*>;

// The seconds of one minute that any of them matches.
std::uint64_t seconds_of(const Fields& fields, unsigned hour, unsigned minute) {
  std::uint64_t seconds = 0;
  for (const CronFields* one : fields) {
    if ((one->hours >> hour & 1U) != 0 && (one->minutes >> minute & 1U) != 0) seconds |= one->seconds;
  }
  return seconds;
}

// Within a day on which all of them match: seconds of the day in [begin, end).
std::int64_t count_in_day(const Fields& fields, Seconds begin, Seconds end) {
  std::int64_t count = 0;
  for (Seconds minute = begin / 60; minute * 60 < end; ++minute) {
    std::uint64_t seconds = seconds_of(fields, static_cast<unsigned>(minute / 60), static_cast<unsigned>(minute % 60));
    if (minute * 60 < begin) seconds &= ~std::uint64_t{0} << (begin - minute * 60);
    if (minute * 60 + 60 > end) seconds &= (std::uint64_t{1} << (end - minute * 60)) - 1;
    count += std::popcount(seconds);
  }
  return count;
}

// Walks a stretch of days month by month.
class DayCount {
 public:
  explicit DayCount(std::span<const CronFields* const> fields) : fields_(fields), days_(fields.size()) {}

  /// One day's seconds in [begin, end).
  std::int64_t part_of_day(Seconds day, Seconds begin, Seconds end) {
    const chrono::year_month_day date{chrono::sys_days(chrono::days(day))};
    enter(date.year() / date.month());
    return count_in_day(matching(static_cast<unsigned>(date.day())), begin, end);
  }

  /// Whole days in [begin, end).
  std::int64_t whole_days(Seconds begin, Seconds end) {
    std::int64_t count = 0;
    while (begin < end) {
      const chrono::year_month_day date{chrono::sys_days(chrono::days(begin))};
      const chrono::year_month month = date.year() / date.month();
      const auto first = static_cast<unsigned>(date.day());
      const auto length = static_cast<unsigned>((month / chrono::last).day());
      const auto last = static_cast<unsigned>(std::min<Seconds>(length, first + (end - begin) - 1));
      enter(month);
      count += in_month(first, last);
      begin += last - first + 1;
    }
    return count;
  }

 private:
  void enter(chrono::year_month month) {
    const auto number = static_cast<unsigned>(month.month());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      days_[i] = (std::uint32_t{fields_[i]->months} >> number & 1U) != 0 ? days_of_month(*fields_[i], month) : 0;
    }
  }

  [[nodiscard]] Fields matching(unsigned day) const {
    Fields found;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if ((days_[i] >> day & 1U) != 0) found.push_back(fields_[i]);
    }
    return found;
  }

  std::int64_t in_month(unsigned first, unsigned last) {
    if (fields_.size() == 1) {
      const std::uint32_t asked = ~std::uint32_t{0} >> (31 - last) & ~std::uint32_t{0} << first;
      return std::popcount(days_[0] & asked) * in_whole_day({fields_[0]});
    }
    std::int64_t count = 0;
    for (unsigned day = first; day <= last; ++day) count += in_whole_day(matching(day));
    return count;
  }

  std::int64_t in_whole_day(const Fields& fields) {
    const auto [entry, is_new] = known_.try_emplace(fields, 0);
    if (is_new) entry->second = count_in_day(fields, 0, kDay);
    return entry->second;
  }

  std::span<const CronFields* const> fields_;
  std::vector<std::uint32_t> days_;  // of the month entered, for each of fields_
  std::map<Fields, std::int64_t> known_;
};

Seconds day_of(Seconds local) { return (local >= 0 ? local : local - kDay + 1) / kDay; }

}  // namespace

std::int64_t count_matches(std::span<const CronFields* const> fields, Seconds begin, Seconds end) {
  if (begin >= end || fields.empty()) return 0;
  const Seconds first = day_of(begin);
  const Seconds last = day_of(end - 1);
  DayCount days(fields);
  if (first == last) return days.part_of_day(first, begin - first * kDay, end - first * kDay);
  return days.part_of_day(first, begin - first * kDay, kDay) + days.whole_days(first + 1, last) +
         days.part_of_day(last, 0, end - last * kDay);
}

}  // namespace taskrun::calendar
