#include "manifest/cron_doubts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace taskrun::manifest {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFields = 6;
constexpr Nanos kComingYear = 366 * 24h;
constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<int, 12> kFewestDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

// The clock of a moment, for people.
std::string clock_text(const CivilTime& time) {
  const std::string minutes = fmt::format("{:02}:{:02}", time.hour, time.minute);
  return time.second == 0 ? minutes : fmt::format("{}:{:02}", minutes, time.second);
}

std::string date_text(const CivilTime& time) { return fmt::format("{}-{:02}-{:02}", time.year, time.month, time.day); }

// What a clock that does not change shows at an offset: so the local times are asked for that a gap leaves out.
CivilTime shown_at(WallTime time, std::chrono::seconds offset) { return civil_time(time + offset, utc_zone()); }

bool is_on_a_day(const CronExpression& expression, const CivilTime& time) {
  const bool month = expression.matches(CronField::month, time);
  const bool day = expression.matches(CronField::day_of_month, time);
  const bool weekday = expression.matches(CronField::day_of_week, time);
  const bool either = expression.day_rule() == DayRule::either;
  return month && (either ? day || weekday : day && weekday);
}

// The first local time in [from, until) that matches, as clocks show it that run at one offset; whole minutes.
std::optional<CivilTime> first_match(const CronExpression& expression, WallTime from, WallTime until,
                                     std::chrono::seconds offset) {
  const int second = expression.values(CronField::second).front();
  for (WallTime time = from; time < until; time += 1min) {
    CivilTime shown = shown_at(time, offset);
    if (!expression.matches(CronField::hour, shown) || !expression.matches(CronField::minute, shown)) continue;
    if (!is_on_a_day(expression, shown)) continue;
    shown.second = second;
    return shown;
  }
  return std::nullopt;
}

// A field that is one item with a step: "*/7", "3/10". 0 where it is none.
int step_of(std::string_view field) {
  const std::size_t slash = field.find('/');
  if (slash == std::string_view::npos || field.find_first_of(",-") != std::string_view::npos) return 0;
  int step = 0;
  std::from_chars(field.data() + slash + 1, field.data() + field.size(), step);
  return step;
}

struct Round {
  CronField field;
  int length;               // how many values it has; of days, the most
  std::string_view whole;   // what it is a part of
  std::string_view unit;    // of the step, in words
  std::string_view suffix;  // and in a duration
};
constexpr std::array<Round, 4> kRounds{{{CronField::second, 60, "minute", "second", "s"},
                                        {CronField::minute, 60, "hour", "minute", "m"},
                                        {CronField::hour, 24, "day", "hour", "h"},
                                        {CronField::day_of_month, 31, "month", "day", "d"}}};

class Doubts {
 public:
  Doubts(const Value& value, const CronExpression& expression) : value_(value), expression_(expression) {}

  void about_steps() const {
    for (const Round& round : kRounds) about_step(round);
  }
  void about_days() const;
  void about_clock_changes(WallTime now) const;

 private:
  void about_step(const Round& round) const;
  void about_missing_day(std::string_view day, int days) const;
  void about_gap(const OffsetChange& change) const;
  void about_repetition(const OffsetChange& change) const;
  [[nodiscard]] std::size_t place_of(CronField field) const;
  void warn(CronField field, std::string_view message, std::string hint) const {
    value_.warning_in_text(place_of(field), fmt::format("{}: {}", value_.label(), message), std::move(hint));
  }

  const Value& value_;
  const CronExpression& expression_;
};

// Where a field begins in the string; the expression's beginning for a macro and for a second that is not written.
std::size_t Doubts::place_of(CronField field) const {
  constexpr std::string_view kBlanks = " \t";
  const std::string_view text = expression_.text();
  const std::size_t begin = value_.node().text.rfind(text);
  if (begin == std::string::npos) return 0;
  std::vector<std::size_t> fields;
  for (std::size_t at = 0; at < text.size();
       at = text.find_first_not_of(kBlanks, std::min(text.find_first_of(kBlanks, at), text.size()))) {
    fields.push_back(at);
  }
  const std::size_t index = static_cast<std::size_t>(field) + fields.size();
  return index < kFields || index - kFields >= fields.size() ? begin : begin + fields[index - kFields];
}

void Doubts::about_step(const Round& round) const {
  const std::string field = expression_.field_text(round.field);
  const int step = step_of(field);
  const std::vector<int> values = expression_.values(round.field);
  if (step < 2 || values.size() < 2) return;
  const bool is_of_days = round.field == CronField::day_of_month;
  const int rest = values.front() + round.length - values.back();
  if (rest == step && !is_of_days) return;
  warn(round.field,
       fmt::format("{} begins again with each {}: after {} {} comes {} {}{}", field, round.whole, round.unit,
                   values.back(), round.unit, values.front(),
                   is_of_days ? "" : fmt::format(", {} {}{} later", rest, round.unit, rest == 1 ? "" : "s")),
       fmt::format("\"every\": \"{}{}\" keeps the distance", step, round.suffix));
}

// A day that only months of so many days have.
void Doubts::about_missing_day(std::string_view day, int days) const {
  std::vector<std::string_view> without;
  for (const int month : expression_.values(CronField::month)) {
    const auto index = static_cast<std::size_t>(month - 1);
    if (kFewestDays[index] < days) without.push_back(kMonths[index]);
  }
  if (without.empty()) return;
  const std::string months =
      without.size() == 1
          ? std::string(without.front())
          : fmt::format("{} and {}", fmt::join(without.begin(), without.end() - 1, ", "), without.back());
  const bool needs_leap_year = days == 29;
  warn(CronField::day_of_month,
       fmt::format("{}{} {} no day {}, and nothing runs in its place", months, needs_leap_year ? " of most years" : "",
                   without.size() == 1 ? "has" : "have", day),
       day.starts_with('L') ? "every month has a day L-27" : "\"L\" is the last day of every month");
}

void Doubts::about_days() const {
  const DayRule rule = expression_.day_rule();
  const std::string month_days = expression_.field_text(CronField::day_of_month);
  if (rule == DayRule::either) {
    warn(CronField::day_of_month,
         fmt::format(
             "both day fields are set, and one is enough: it runs on the days \"{}\" of a month and on every \"{}\" "
             "besides",
             month_days, expression_.field_text(CronField::day_of_week)),
         "write * for one of them; the first Monday of a month is \"1#1\" in the last field");
  }
  if (rule == DayRule::every_day || rule == DayRule::day_of_week) return;
  if (month_days.find_first_of("*/") != std::string::npos) return;  // days here and there: one less is no surprise
  const CronDays& days = expression_.fields().days;
  for (int day = 31; day >= 29; --day) {
    const auto has = [&](int d) { return ((days.of_month >> d) & 1U) != 0; };
    const bool begins_here = has(day) && !has(day - 1);  // 25-31 has a last day in every month
    const bool is_nearest = ((days.nearest_workday >> day) & 1U) != 0;
    if (begins_here || is_nearest) return about_missing_day(std::to_string(day), day);
  }
  for (int before = 30; before >= 28; --before) {
    if (((days.before_last >> before) & 1U) != 0) return about_missing_day(fmt::format("L-{}", before), before + 1);
  }
}

void Doubts::about_gap(const OffsetChange& change) const {
  const auto length = change.after - change.before;
  const auto skipped = first_match(expression_, change.at, change.at + length, change.before);
  if (!skipped) return;
  const bool runs = expression_.dst().gap == DstPolicy::Gap::run && length < kLongGap;
  const CivilTime end = shown_at(change.at, change.after);
  warn(CronField::hour,
       fmt::format("{} is skipped on {} in {}, where the clock goes from {} to {}: it {}", clock_text(*skipped),
                   date_text(*skipped), expression_.zone().name(), clock_text(shown_at(change.at, change.before)),
                   clock_text(end), runs ? fmt::format("runs at {} then", clock_text(end)) : "does not run then"),
       runs ? "another time of day is never skipped; \"dst\": {\"gap\": \"skip\"} leaves that run out"
            : "another time of day is never skipped");
}

void Doubts::about_repetition(const OffsetChange& change) const {
  const auto length = change.before - change.after;
  const auto repeated = first_match(expression_, change.at, change.at + length, change.after);
  if (!repeated) return;
  warn(CronField::hour,
       fmt::format("{} comes twice on {} in {}, where the clock goes back from {} to {}: it runs both times",
                   clock_text(*repeated), date_text(*repeated), expression_.zone().name(),
                   clock_text(shown_at(change.at, change.before)), clock_text(shown_at(change.at, change.after))),
       "\"dst\": {\"overlap\": \"once\"} runs it the first time only");
}

// Only what is fixed to a time of day is put off or told apart; what runs all day follows the real clock.
void Doubts::about_clock_changes(WallTime now) const {
  if (expression_.is_wildcard()) return;
  const bool may_run_twice = expression_.dst().overlap == DstPolicy::Overlap::twice;
  for (const OffsetChange& change : offset_changes(expression_.zone(), now, now + kComingYear)) {
    if (change.after > change.before) {
      about_gap(change);
    } else if (may_run_twice) {
      about_repetition(change);
    }
  }
}

}  // namespace

void warn_of_doubts(const Value& value, const ParsedCron& parsed) {
  const auto* const expression = std::get_if<CronExpression>(&parsed.schedule);
  if (expression == nullptr || value.node().text.find('$') != std::string::npos) return;
  for (const std::string& warning : parsed.warnings) {
    value.warning_in_text(0, fmt::format("{}: {}", value.label(), warning), "");
  }
  const Doubts doubts(value, *expression);
  doubts.about_days();
  doubts.about_steps();
  if (const std::optional<WallTime> now = value.source().surroundings.now) doubts.about_clock_changes(*now);
}

}  // namespace taskrun::manifest
