#include "cli/cron_reason.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/moment.h"

namespace taskrun::cli {
namespace {

using namespace std::chrono_literals;

constexpr Nanos kLongestRepetition = 26h;

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};

std::string shown(CronField field, const CivilTime& time) {
  switch (field) {
    case CronField::second: return std::to_string(time.second);
    case CronField::minute: return std::to_string(time.minute);
    case CronField::hour: return std::to_string(time.hour);
    case CronField::day_of_month: return std::to_string(time.day);
    case CronField::month: return std::string(kMonths[static_cast<std::size_t>(time.month - 1)]);
    case CronField::day_of_week: return std::string(kWeekdays[static_cast<std::size_t>(time.weekday)]);
  }
  __builtin_unreachable();
}

// Whether a clock change shortly before or after has to do with this moment.
std::optional<OffsetChange> change_near(WallTime time, Zone zone) {
  for (const OffsetChange& change : offset_changes(zone, time - kLongestRepetition, time + kLongestRepetition)) {
    const auto length = change.after - change.before;
    const bool is_at_gap = length > 0s && change.at == time;
    const bool is_repeated = length < 0s && change.at + length <= time && time < change.at - length;
    if (is_at_gap || is_repeated) return change;
  }
  return std::nullopt;
}

// How a change of the clock reads: "the clock goes back from 03:00 to 02:00".
std::string told(const OffsetChange& change) {
  const bool is_back = change.after < change.before;
  return fmt::format("the clock goes {} from {} to {}", is_back ? "back" : "forward",
                     clock_text(civil_time(change.at + change.before, utc_zone())),
                     clock_text(civil_time(change.at + change.after, utc_zone())));
}

bool is_day(const CronReason& reason) {
  const bool month_day = reason.fields[static_cast<std::size_t>(CronField::day_of_month)].matches;
  const bool weekday = reason.fields[static_cast<std::size_t>(CronField::day_of_week)].matches;
  return reason.day_rule == DayRule::either ? month_day || weekday : month_day && weekday;
}

// The fields because of which it is not due: of two day fields that are both set, both.
std::vector<std::string> obstacles(const CronReason& reason) {
  std::vector<std::string> names;
  for (const FieldReason& field : reason.fields) {
    const bool is_of_day = field.field == CronField::day_of_month || field.field == CronField::day_of_week;
    if (field.matches || (is_of_day && is_day(reason))) continue;
    names.push_back(fmt::format("{} is {}, not \"{}\"", name_of(field.field), field.shown, field.written));
  }
  return names;
}

std::string words_of_due(const CronReason& reason, const CronExpression& expression, bool all_match) {
  if (!all_match) {
    return fmt::format("Its own time is skipped that day, because {}; so it is due at the first moment after the gap.",
                       told(*reason.change));
  }
  if (!reason.change || reason.change->after > reason.change->before) return "Every field matches.";
  const char* const also = expression.is_wildcard() || expression.dst().overlap == DstPolicy::Overlap::twice
                               ? "it is due both times"
                               : "it is due the first time only";
  return fmt::format("Every field matches. {} comes twice that day, because {}: {}.", clock_text(reason.local),
                     told(*reason.change), also);
}

std::string words_of_not_due(const CronReason& reason, bool all_match) {
  if (all_match && reason.change) {
    return fmt::format(
        "{} comes twice that day, because {}. This is the second time; it was due the first time "
        "(\"dst\": {{\"overlap\": \"once\"}}).",
        clock_text(reason.local), told(*reason.change));
  }
  std::string words = fmt::format("{}.", fmt::join(obstacles(reason), "; "));
  if (reason.change && reason.change->after > reason.change->before) {
    words += fmt::format(" This is the first moment after a gap: {}{}.", told(*reason.change),
                         reason.change->after - reason.change->before >= kLongGap
                             ? ", and a gap of 3 hours or more is not made up for"
                             : "");
  }
  return words;
}

}  // namespace

CronReason reason_for(const CronExpression& expression, WallTime time) {
  CronReason reason;
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  reason.is_due = second == time && next_due(expression, second - 1s) == second;
  reason.local = civil_time(time, expression.zone());
  reason.day_rule = expression.day_rule();
  reason.change = change_near(time, expression.zone());
  bool all_match = true;
  for (std::size_t i = 0; i < reason.fields.size(); ++i) {
    const auto field = static_cast<CronField>(i);
    reason.fields[i] = {field, expression.field_text(field), shown(field, reason.local),
                        expression.matches(field, reason.local)};
    const bool is_of_day = field == CronField::day_of_month || field == CronField::day_of_week;
    all_match = all_match && (is_of_day || reason.fields[i].matches);
  }
  all_match = all_match && is_day(reason);
  reason.words = reason.is_due ? words_of_due(reason, expression, all_match) : words_of_not_due(reason, all_match);
  return reason;
}

}  // namespace taskrun::cli
