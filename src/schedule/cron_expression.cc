#include "schedule/cron_calendar.h"
#include "schedule/cron_field.h"
#include "schedule/cron_macro.h"

namespace taskrun {
namespace {

// The values of a field as bits.
std::uint64_t bits_of(const CronFields& fields, CronField field) {
  switch (field) {
    case CronField::second: return fields.seconds;
    case CronField::minute: return fields.minutes;
    case CronField::hour: return fields.hours;
    case CronField::day_of_month: return fields.days.of_month;
    case CronField::month: return fields.months;
    case CronField::day_of_week: return fields.days.of_week;
  }
  __builtin_unreachable();
}

int value_in(const CivilTime& time, CronField field) {
  switch (field) {
    case CronField::second: return time.second;
    case CronField::minute: return time.minute;
    case CronField::hour: return time.hour;
    case CronField::day_of_month: return time.day;
    case CronField::month: return time.month;
    case CronField::day_of_week: return time.weekday;
  }
  __builtin_unreachable();
}

bool has_bit(std::uint64_t bits, int n) { return (bits >> n & 1U) != 0; }

// The n-th word, from 0.
std::string word_at(std::string_view text, std::size_t n) {
  constexpr std::string_view kBlanks = " \t";
  std::size_t begin = text.find_first_not_of(kBlanks);
  for (; n > 0; --n) begin = text.find_first_not_of(kBlanks, text.find_first_of(kBlanks, begin));
  return std::string(text.substr(begin, text.find_first_of(kBlanks, begin) - begin));
}

std::size_t count_words(std::string_view text) {
  std::size_t count = 0;
  bool was_blank = true;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t';
    if (was_blank && !is_blank) ++count;
    was_blank = is_blank;
  }
  return count;
}

}  // namespace

std::string_view name_of(CronField field) { return cron_field::rule_of(field).name; }

bool CronExpression::is_wildcard() const {
  return is_wildcard(CronField::second) || is_wildcard(CronField::minute) || is_wildcard(CronField::hour);
}

bool CronExpression::is_wildcard(CronField field) const {
  return has_bit(fields_.begins_star, static_cast<int>(field));
}

std::string CronExpression::field_text(CronField field) const {
  const std::string_view expansion = cron_macro::expansion_of(text_);
  const std::string_view text = expansion.empty() ? std::string_view(text_) : expansion;
  const auto place = static_cast<std::size_t>(field);
  if (count_words(text) == 6) return word_at(text, place);
  return place == 0 ? "0" : word_at(text, place - 1);
}

std::vector<int> CronExpression::values(CronField field) const {
  std::vector<int> values;
  for (int v = 0; v < 64; ++v) {
    if (has_bit(bits_of(fields_, field), v)) values.push_back(v);
  }
  return values;
}

bool CronExpression::matches(CronField field, const CivilTime& time) const {
  const auto month = std::chrono::year(time.year) / time.month;
  if (field == CronField::day_of_month) return has_bit(calendar::days_by_number(fields_.days, month), time.day);
  if (field == CronField::day_of_week) return has_bit(calendar::days_by_weekday(fields_.days, month), time.day);
  return has_bit(bits_of(fields_, field), value_in(time, field));
}

}  // namespace taskrun
