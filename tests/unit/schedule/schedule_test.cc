// Due times of whole schedules: several expressions, one-off times, counts over long spans.

#include "schedule/schedule.h"

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

WallTime wall(std::string_view text) { return parse_rfc3339(text).value(); }

Cron cron(const std::vector<std::string>& texts, std::string_view zone = "UTC") {
  std::vector<CronExpression> expressions;
  for (const std::string& text : texts) {
    expressions.push_back(std::get<CronExpression>(parse_cron(text, find_zone(zone).value()).value().schedule));
  }
  return Cron(std::move(expressions));
}

// One by one, which is what the counting is measured by.
std::vector<WallTime> each_due(const Cron& schedule, WallTime after, WallTime until) {
  std::vector<WallTime> times;
  for (auto next = next_due(schedule, after); next && *next <= until; next = next_due(schedule, *next)) {
    times.push_back(*next);
  }
  return times;
}

void check_agreement(const Cron& schedule, WallTime after, WallTime until) {
  const std::vector<WallTime> each = each_due(schedule, after, until);
  const WallDueTimes counted = due_between(schedule, after, until);
  CHECK(counted.count == static_cast<std::int64_t>(each.size()));
  if (each.empty()) return;
  CHECK(counted.first == each.front());
  CHECK(counted.last == each.back());
  for (const std::size_t n : {std::size_t{1}, std::size_t{7}, each.size(), each.size() + 5}) {
    const std::size_t kept = std::min(n, each.size());
    CHECK(latest_due(schedule, after, until, n) ==
          std::vector<WallTime>(each.end() - static_cast<std::ptrdiff_t>(kept), each.end()));
  }
}

TEST_CASE("several expressions are due once where they meet") {
  const Cron schedule = cron({"0 */2 * * *", "0 */3 * * *", "30 12 * * 1"});
  check_agreement(schedule, wall("2026-01-01T00:00:00Z"), wall("2026-02-01T00:00:00Z"));
  CHECK(due_between(schedule, wall("2026-01-05T00:00:00Z"), wall("2026-01-06T00:00:00Z")).count == 17);
}

TEST_CASE("counting agrees with looking at each due time across clock changes") {
  const std::vector<std::vector<std::string>> schedules{
      {"30 2 * * *"},
      {"*/10 * * * *"},
      {"15,45 2,3 * * *", "*/30 * * * *"},
      {"0 0 2 * * *", "59 59 1 * * *", "0 3 * * *"},
      {"0 0 LW * 2#1", "*/7 * * 3 *"},
      {"30 2 * * *", "TZ=America/New_York 30 2 * * *", "TZ=Asia/Kolkata */45 * * * *"},
  };
  for (const auto& texts : schedules) {
    for (const char* zone : {"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia"}) {
      CAPTURE(texts[0]);
      CAPTURE(zone);
      check_agreement(cron(texts, zone), wall("2011-09-01T12:34:56.789Z"), wall("2012-04-10T01:02:03Z"));
    }
  }
}

TEST_CASE("counting agrees over spans of every length") {
  std::mt19937_64 random(42);
  const Cron schedule = cron({"*/13 */5 1-23/2 * * *", "0 0 3 * * *"}, "Europe/Berlin");
  const WallTime start = wall("2026-10-24T20:00:00Z");
  for (int i = 0; i < 60; ++i) {
    const auto after = start + std::chrono::milliseconds(random() % 40'000'000);
    check_agreement(schedule, after, after + std::chrono::milliseconds(random() % 30'000'000));
  }
}

TEST_CASE("a century of seconds is counted without visiting them") {
  const Cron schedule = cron({"* * * * * *"}, "Europe/Berlin");
  const WallTime after = wall("1990-01-01T00:00:00Z");
  const WallTime until = wall("2090-01-01T00:00:00Z");
  const WallDueTimes counted = due_between(schedule, after, until);
  CHECK(counted.count == (until - after) / 1s);
  CHECK(counted.last == until);
  CHECK(latest_due(schedule, after, until, 3) == std::vector<WallTime>{until - 2s, until - 1s, until});
}

TEST_CASE("nothing is due in an empty or reversed span") {
  const Cron schedule = cron({"* * * * *"});
  const WallTime noon = wall("2026-01-01T12:00:00Z");
  CHECK(due_between(schedule, noon, noon).count == 0);
  CHECK(due_between(schedule, noon, noon - 1h).count == 0);
  CHECK(due_between(schedule, noon, noon + 59s).count == 0);
  CHECK(due_between(schedule, noon - 1ns, noon).count == 1);
  CHECK(due_between(schedule, noon, noon + 60s) == WallDueTimes{noon + 60s, noon + 60s, 1});
  CHECK(latest_due(schedule, noon, noon + 1h, 0).empty());
}

TEST_CASE("one-off times are due in their order, each once") {
  const At at({wall("2026-03-01T00:00:00Z"), wall("2026-01-01T00:00:00.5Z"), wall("2026-03-01T01:00:00+01:00")});
  CHECK(at.times().size() == 2);
  CHECK(next_due(at, wall("2026-01-01T00:00:00Z")) == wall("2026-01-01T00:00:00.5Z"));
  CHECK(next_due(at, wall("2026-01-01T00:00:00.5Z")) == wall("2026-03-01T00:00:00Z"));
  CHECK(next_due(at, wall("2026-03-01T00:00:00Z")) == std::nullopt);
  const WallDueTimes all = due_between(at, wall("2025-01-01T00:00:00Z"), wall("2027-01-01T00:00:00Z"));
  CHECK(all == WallDueTimes{at.times()[0], at.times()[1], 2});
  CHECK(due_between(at, at.times()[0], at.times()[1]).count == 1);
  CHECK(due_between(at, at.times()[1], at.times()[0]).count == 0);
  CHECK(latest_due(at, wall("2025-01-01T00:00:00Z"), wall("2027-01-01T00:00:00Z"), 1) == std::vector{at.times()[1]});
  CHECK(latest_due(at, wall("2025-01-01T00:00:00Z"), wall("2027-01-01T00:00:00Z"), 9) == at.times());
}

}  // namespace
}  // namespace taskrun
