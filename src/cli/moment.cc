#include "cli/moment.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace taskrun::cli {
namespace {

using namespace std::chrono_literals;

constexpr Nanos kFarthestOffset = 26h;  // no zone is farther from UTC, before or after any change

std::string offset_text(std::chrono::seconds offset) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

// The change whose gap holds a local time, which is given as if it were of UTC.
std::optional<OffsetChange> gap_around(WallTime local, Zone zone) {
  for (const OffsetChange& change : offset_changes(zone, local - kFarthestOffset, local + kFarthestOffset)) {
    if (change.at + change.before <= local && local < change.at + change.after) return change;
  }
  return std::nullopt;
}

// The moments at which the zone's clock shows that local time, earliest first.
std::vector<WallTime> moments_of(WallTime local, Zone zone) {
  std::vector<std::chrono::seconds> offsets{civil_time(local - kFarthestOffset, zone).offset};
  for (const OffsetChange& change : offset_changes(zone, local - kFarthestOffset, local + kFarthestOffset)) {
    offsets.push_back(change.after);
  }
  std::vector<WallTime> moments;
  for (const std::chrono::seconds offset : offsets) {
    if (civil_time(local - offset, zone).offset == offset) moments.push_back(local - offset);
  }
  std::sort(moments.begin(), moments.end());
  moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
  return moments;
}

Moment moment_on_the_clock(WallTime local, Zone zone) {
  const std::vector<WallTime> moments = moments_of(local, zone);
  const std::string shown = clock_text(civil_time(local, utc_zone()));
  if (const auto gap = gap_around(local, zone); gap && moments.empty()) {
    return {gap->at,
            fmt::format("{} does not exist on that day in {}: the clock goes from {} to {}. This is the first moment "
                        "after the gap.",
                        shown, zone.name(), clock_text(civil_time(gap->at + gap->before, utc_zone())),
                        clock_text(civil_time(gap->at, zone)))};
  }
  if (moments.size() < 2) return {moments.empty() ? local : moments.front(), ""};
  return {moments.front(), fmt::format("{} comes twice on that day in {}. This is the first of them, the second is {}.",
                                       shown, zone.name(), exact_text(moments[1], zone))};
}

// "2026-03-29 02:30" as RFC 3339 in UTC would write it.
std::string completed(std::string_view text) {
  constexpr std::size_t kWithMinutes = 16;
  std::string whole(text);
  if (whole.size() > 10 && whole[10] == ' ') whole[10] = 'T';
  return whole + (whole.size() == kWithMinutes ? ":00Z" : "Z");
}

}  // namespace

tl::expected<Instant, SyntaxError> read_instant(std::string_view text) {
  auto second = parse_rfc3339_seconds(text);
  if (!second) return tl::unexpected(std::move(second.error()));
  const auto exact = parse_rfc3339(text);
  return exact ? Instant(*exact) : Instant(*second);
}

std::optional<WallTime> wall_time(const Instant& instant) {
  constexpr auto kFirst = std::chrono::ceil<std::chrono::seconds>(WallTime::min());
  constexpr auto kLast = std::chrono::floor<std::chrono::seconds>(WallTime::max()) - 1s;
  if (instant.second < kFirst || instant.second > kLast) return std::nullopt;
  return WallTime(instant.second) + instant.fraction;
}

Zone viewer_zone() {
  const auto zone = local_zone();
  return zone ? *zone : utc_zone();
}

Zone zone_of(const TaskSpec& task) {
  const auto* const cron = std::get_if<Cron>(&task.schedule);
  return cron != nullptr ? cron->expressions().front().zone() : viewer_zone();
}

std::string clock_text(const CivilTime& time) {
  const std::string minutes = fmt::format("{:02}:{:02}", time.hour, time.minute);
  return time.second == 0 ? minutes : fmt::format("{}:{:02}", minutes, time.second);
}

std::string moment_text(const Instant& time, Zone zone) {
  constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const CivilTime shown = civil_time(time.second, zone);
  return fmt::format("{} {:04}-{:02}-{:02} {:02}:{:02}:{:02} {}", kWeekdays[static_cast<std::size_t>(shown.weekday)],
                     shown.year, shown.month, shown.day, shown.hour, shown.minute, shown.second,
                     offset_text(shown.offset));
}

std::string minute_text(WallTime time, Zone zone) {
  const CivilTime shown = civil_time(time, zone);
  return fmt::format("{:04}-{:02}-{:02} {} {}", shown.year, shown.month, shown.day, clock_text(shown),
                     offset_text(shown.offset));
}

std::string day_text(WallTime time, Zone zone) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime shown = civil_time(time, zone);
  return fmt::format("{} {:02} {}", kMonths[static_cast<std::size_t>(shown.month - 1)], shown.day, clock_text(shown));
}

std::string exact_text(const Instant& time, Zone zone) {
  constexpr std::size_t kSeconds = 19;  // "2026-11-22T02:00:00"
  std::string text = format_local(time.second, zone);
  if (time.fraction == Nanos::zero()) return text;
  std::string digits = fmt::format(".{:09}", time.fraction.count());
  digits.erase(digits.find_last_not_of('0') + 1);
  return text.insert(kSeconds, digits);
}

Result<Moment> read_moment(std::string_view text, Zone zone) {
  const auto exact = parse_rfc3339(text);
  if (exact) return Moment{*exact, ""};
  if (const auto local = parse_rfc3339(completed(text))) return moment_on_the_clock(*local, zone);
  return fail(fmt::format("{} (write 2026-03-29T02:30, or 2026-03-29T02:30:00+02:00)", exact.error().message));
}

}  // namespace taskrun::cli
