#include "schedule/cron.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "schedule/schedule.h"

namespace taskrun {
namespace {

using namespace std::chrono_literals;

CronExpression cron(std::string_view text, std::string_view zone = "UTC", DstPolicy dst = {}) {
  const auto parsed = parse_cron(text, find_zone(zone).value(), dst);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
  return std::get<CronExpression>(parsed->schedule);
}

WallTime wall(std::string_view text) { return parse_rfc3339(text).value(); }

// The next times as the zone's clock shows them, separated by blanks.
std::string next(const CronExpression& expression, std::string_view from, int count) {
  std::string times;
  auto time = next_due(expression, parse_rfc3339_seconds(from).value());
  for (int i = 0; i < count && time; ++i, time = next_due(expression, *time)) {
    times += (times.empty() ? "" : " ") + format_local(*time, expression.zone());
  }
  return times;
}

std::string content_of(const std::string& file) {
  std::ifstream in(std::string(std::getenv("TASKRUN_TEST_DATA")) + "/cron/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string told(const std::string& text) {
  const auto parsed = parse_cron(text, utc_zone());
  if (!parsed) {
    const CronSyntaxError& error = parsed.error();
    return fmt::format("|{}|\n  {}\n  hint: {}\n  at: {}, column {}\n", text, error.message, error.hint,
                       error.field.empty() ? "no field" : error.field, error.column);
  }
  std::string lines = fmt::format("|{}|\n", text);
  for (const std::string& warning : parsed->warnings) lines += fmt::format("  warning: {}\n", warning);
  return lines;
}

TEST_CASE("mistakes and warnings are told whole: what, where, and what to write instead") {
  const std::string expected = content_of("mistakes.expected");
  std::string got;
  std::istringstream lines(expected);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('|')) got += told(line.substr(1, line.size() - 2));
  }
  REQUIRE_FALSE(expected.empty());
  CHECK(got == expected);
}

TEST_CASE("an expression has a length that it may not exceed") {
  const std::string seconds = "0" + std::string(1000, ' ');
  CHECK_FALSE(parse_cron(seconds + " * * * *", utc_zone()).has_value());
}

struct Row {
  const char* text;
  const char* zone;
  const char* from;
  const char* next;
};

TEST_CASE("a fixed time runs once where the clock changes, a wildcard follows the clock") {
  const Row rows[] = {
      // Berlin: 02:00-03:00 is skipped on 29 March 2026, and shown twice on 25 October.
      {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+01:00",
       "2026-03-29T03:00:00+02:00 2026-03-30T02:30:00+02:00"},
      {"0,30 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
       "2026-03-29T03:00:00+02:00 2026-03-30T02:00:00+02:00"},
      {"30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
       "2026-03-29T03:00:00+02:00 2026-03-29T03:30:00+02:00"},
      {"30 * * * *", "Europe/Berlin", "2026-03-29T01:00:00+01:00",
       "2026-03-29T01:30:00+01:00 2026-03-29T03:30:00+02:00"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T00:00:00+02:00",
       "2026-10-25T02:30:00+02:00 2026-10-26T02:30:00+01:00"},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00",
       "2026-10-26T02:30:00+01:00 2026-10-27T02:30:00+01:00"},
      {"30 * * * *", "Europe/Berlin", "2026-10-25T02:00:00+02:00",
       "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00"},
      // Dublin's daylight flag is inverted; the offset counts.
      {"30 1 * * *", "Europe/Dublin", "2026-03-29T00:00:00+00:00",
       "2026-03-29T02:00:00+01:00 2026-03-30T01:30:00+01:00"},
      // Lord Howe moves by half an hour.
      {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30",
       "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00"},
      // Samoa skipped the 30th of December 2011: no run at all.
      {"0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00-10:00",
       "2011-12-29T12:00:00-10:00 2011-12-31T12:00:00+14:00"},
      // The date of the skipped time is tested, not the date after the gap.
      {"30 23 * * 6", "America/Nuuk", "2024-03-30T12:00:00-02:00",
       "2024-03-31T00:00:00-01:00 2024-04-06T23:30:00-01:00"},
      // Pyongyang moved its clock for good, without any daylight saving.
      {"45 23 * * *", "Asia/Pyongyang", "2018-05-04T12:00:00+08:30",
       "2018-05-05T00:00:00+09:00 2018-05-05T23:45:00+09:00"},
      // The rules go on after the last year of the database's tables, and after 400 years.
      {"30 2 * * *", "Europe/Berlin", "2050-03-26T12:00:00+01:00",
       "2050-03-27T03:00:00+02:00 2050-03-28T02:30:00+02:00"},
      {"30 2 * * *", "Europe/Berlin", "2450-03-26T12:00:00+01:00",
       "2450-03-27T03:00:00+02:00 2450-03-28T02:30:00+02:00"},
      {"30 2 * * *", "Europe/Berlin", "2850-03-26T12:00:00+01:00",
       "2850-03-27T03:00:00+02:00 2850-03-28T02:30:00+02:00"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CAPTURE(row.from);
    CHECK(next(cron(row.text, row.zone), row.from, 2) == row.next);
  }
}

TEST_CASE("a task chooses what becomes of skipped and repeated times") {
  const auto fixed = [](DstPolicy::Gap gap, DstPolicy::Overlap overlap) {
    return cron("30 2 * * *", "Europe/Berlin", {gap, overlap});
  };
  CHECK(next(fixed(DstPolicy::Gap::skip, DstPolicy::Overlap::once), "2026-03-29T00:00:00+01:00", 1) ==
        "2026-03-30T02:30:00+02:00");
  CHECK(next(fixed(DstPolicy::Gap::run, DstPolicy::Overlap::twice), "2026-10-25T00:00:00+02:00", 2) ==
        "2026-10-25T02:30:00+02:00 2026-10-25T02:30:00+01:00");
}

TEST_CASE("a time that every gap skips is never due, which is soon known") {
  const CronExpression skipped = cron("30 2 * 3 0L", "Europe/Berlin", {DstPolicy::Gap::skip, DstPolicy::Overlap::once});
  CHECK(next(skipped, "2026-01-01T00:00:00Z", 1).empty());
  CHECK(due_between(Cron(skipped), wall("2026-01-01T00:00:00Z"), wall("2200-01-01T00:00:00Z")).count == 0);
}

TEST_CASE("rare dates are found however far they are") {
  CHECK(next(cron("0 0 29 2 *"), "2096-02-29T00:00:00Z", 1) == "2104-02-29T00:00:00Z");
  CHECK(next(cron("0 0 * 2 5#5"), "2072-03-01T00:00:00Z", 1) == "2092-02-29T00:00:00Z");
  CHECK(next(cron("0 0 * 2 1#5"), "2088-03-01T00:00:00Z", 1) == "2112-02-29T00:00:00Z");
  CHECK(next(cron("0 0 29W 2 *"), "2025-01-01T00:00:00Z", 2) == "2028-02-29T00:00:00Z 2032-02-27T00:00:00Z");
  CHECK_FALSE(next_due(Cron(cron("0 0 1 1 *")), wall("2261-12-31T00:00:00Z")) == std::nullopt);
  CHECK(next_due(Cron(cron("0 0 1 5 *")), wall("2261-12-31T00:00:00Z")) == std::nullopt);  // beyond WallTime
}

TEST_CASE("what check and explain show of an expression is what it was read as") {
  const CronExpression expression = cron("CRON_TZ=Asia/Shanghai  */20 8-10  L,15 JAN,7 FRI-SUN ");
  CHECK(expression.text() == "*/20 8-10  L,15 JAN,7 FRI-SUN");
  CHECK(expression.zone().name() == "Asia/Shanghai");
  CHECK(expression.field_text(CronField::second) == "0");
  CHECK(expression.field_text(CronField::day_of_month) == "L,15");
  CHECK(expression.field_text(CronField::day_of_week) == "FRI-SUN");
  CHECK(expression.values(CronField::minute) == std::vector{0, 20, 40});
  CHECK(expression.values(CronField::hour) == std::vector{8, 9, 10});
  CHECK(expression.values(CronField::day_of_month) == std::vector{15});
  CHECK(expression.values(CronField::month) == std::vector{1, 7});
  CHECK(expression.values(CronField::day_of_week) == std::vector{0, 5, 6});
  CHECK(expression.is_wildcard());
  CHECK(expression.is_wildcard(CronField::minute));
  CHECK_FALSE(expression.is_wildcard(CronField::hour));
  CHECK(expression.day_rule() == DayRule::either);
  const CivilTime friday = civil_time(wall("2026-07-31T08:20:00+08:00"), expression.zone());
  CHECK(expression.matches(CronField::day_of_month, friday));  // the last
  CHECK(expression.matches(CronField::day_of_week, friday));
  CHECK(expression.matches(CronField::minute, friday));
  CHECK(expression.matches(CronField::second, friday));
  CHECK(cron("@Daily").field_text(CronField::hour) == "0");
  CHECK(cron("1 2 3 * * *").field_text(CronField::second) == "1");
  CHECK(cron("0 2 * * *") == cron("0 2 * * *"));
  CHECK_FALSE(cron("0 2 * * *") == cron("0 2 * * *", "Asia/Shanghai"));
}

TEST_CASE("the day rule is the other field's where one is a bare star") {
  CHECK(cron("0 0 * * *").day_rule() == DayRule::every_day);
  CHECK(cron("0 0 ? * */1").day_rule() == DayRule::every_day);
  CHECK(cron("0 0 1 * *").day_rule() == DayRule::day_of_month);
  CHECK(cron("0 0 ? * MON").day_rule() == DayRule::day_of_week);
  CHECK(cron("0 0 */2 * MON").day_rule() == DayRule::either);
}

TEST_CASE("@every is elapsed time, in any case and with any blanks") {
  const auto parsed = parse_cron(" TZ=Europe/Berlin @Every \t 1h30m ", utc_zone());
  REQUIRE(parsed.has_value());
  CHECK(std::get<Every>(parsed->schedule).period == 90min);
  CHECK(std::get<Every>(parse_cron("@every 15m50ns", utc_zone()).value().schedule).period == 15min);
  CHECK(std::get<Every>(parse_cron("@every 50ns", utc_zone()).value().schedule).period == 50ns);
}

}  // namespace
}  // namespace taskrun
