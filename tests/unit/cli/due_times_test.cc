#include "cli/due_times.h"

#include <doctest/doctest.h>

#include "cli/waiting.h"

using namespace taskrun;
using namespace taskrun::cli;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kStart{1'795'273'200s};  // 2026-11-21T15:00:00Z

TaskSpecPtr task(std::string name, Schedule schedule, bool enabled = true) {
  TaskPolicy policy;
  policy.enabled = enabled;
  return std::make_shared<TaskSpec>(
      TaskSpec{std::move(name), ShellText{"true"}, std::move(schedule), std::make_shared<TaskPolicy>(policy)});
}

Schedule cron(std::string_view text) {
  return Cron(std::get<CronExpression>(parse_cron(text, utc_zone()).value().schedule));
}

// "a+600 b+660": the tasks and how many seconds after the start.
std::string told(const std::vector<DueTime>& times) {
  std::string out;
  for (const DueTime& due : times) {
    out += (out.empty() ? "" : " ") + due.task->name + "+" + std::to_string((due.at - kStart) / 1s);
  }
  return out;
}

}  // namespace

TEST_CASE("the due times of several tasks come in order, equal ones in the manifest's") {
  CHECK(told(coming({task("a", Every{10min}), task("b", cron("*/5 * * * *")), task("c", Delay{7min})}, kStart, 6)) ==
        "b+300 c+420 a+600 b+600 b+900 a+1200");
}

TEST_CASE("disabled tasks and those without a schedule have none, and times run out") {
  CHECK(told(coming({task("a", Every{1min}, false), task("b", OnRequest{}), task("c", At({kStart, kStart + 5s}))},
                    kStart, 5)) == "c+5");
}

TEST_CASE("nothing is due beyond what a time can hold") {
  CHECK_FALSE(next_due_after(Every{Nanos::max()}, kStart, kStart));
  CHECK_FALSE(next_due_after(Delay{Nanos::max()}, kStart, kStart));
  CHECK(next_due_after(Every{1h}, kStart, kStart - 5h) == kStart + 1h);
}

TEST_CASE("@every counts from the moment that is asked for") {
  const ParsedCron every = parse_cron("@every 90s", utc_zone()).value();
  const std::vector<Instant> times = coming(every, std::chrono::floor<std::chrono::seconds>(kStart), 2);
  REQUIRE(times.size() == 2);
  CHECK(wall_time(times[0]) == kStart + 90s);
  CHECK(wall_time(times[1]) == kStart + 180s);
}

TEST_CASE("what has no year of four digits on the clocks of its zone is left out") {
  const auto years = [](std::string_view expression, std::string_view zone, std::string_view from) {
    const ParsedCron cron = parse_cron(expression, find_zone(zone).value()).value();
    std::string out;
    for (const Instant& time : coming(cron, parse_rfc3339_seconds(from).value(), 3)) {
      out += exact_text(time, find_zone(zone).value()) + ' ';
    }
    return out;
  };
  CHECK(years("0 0 1 * *", "UTC", "9999-11-15T00:00:00Z") == "9999-12-01T00:00:00Z ");
  CHECK(years("0 0 1 1 *", "UTC", "9999-06-01T00:00:00Z") == "");
  CHECK(years("0 * * * *", "Asia/Tokyo", "9999-12-31T13:30:00Z") == "9999-12-31T23:00:00+09:00 ");
}

TEST_CASE("a wait is told in its two largest units") {
  CHECK(in_words(0s) == "now");
  CHECK(in_words(3h + 12min + 59s) == "in 3 h 12 min");
  CHECK(in_words(48h) == "in 2 d");
  CHECK(in_words(49h + 59min) == "in 2 d 1 h");
  CHECK(in_words(1h + 59s) == "in 1 h");
  CHECK(in_words(61s) == "in 1 min 1 s");
  CHECK(in_words(45s + 1ms) == "in 45 s");
  CHECK(in_words(250ms) == "in 250 ms");
  CHECK(in_words(7ns) == "in 7 ns");
  CHECK(coming_in(1h - 40ms) == "in 1 h");
  CHECK(coming_in(1h - 600ms) == "in 59 min 59 s");
  CHECK(coming_in(999ms) == "in 999 ms");
  const std::chrono::sys_seconds year_1{-62'135'596'800s};
  CHECK(in_words(Instant(year_1), Instant(kStart)) == "in 739940 d");
  CHECK(in_words(Instant(kStart + 250ms), Instant(kStart)) == "250 ms ago");
  CHECK(in_words(-90min) == "1 h 30 min ago");
}
