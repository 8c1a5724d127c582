// Due times against an oracle that knows nothing of our calendar: it asks the C library what the wall clock shows at
// every minute (or second) of a stretch of time, and applies the rules of clock changes to what it sees.

#include <cstdlib>
#include <ctime>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "schedule/schedule.h"

namespace taskrun {
namespace {

using Random = std::mt19937_64;
using Test = std::function<bool(const std::tm&)>;

int pick(Random& random, int low, int high) { return std::uniform_int_distribution(low, high)(random); }

template <class T>
const T& one_of(Random& random, const std::vector<T>& choices) {
  return choices[static_cast<std::size_t>(pick(random, 0, static_cast<int>(choices.size()) - 1))];
}

// One field as text, and as what it means to somebody who reads it slowly.
struct Field {
  std::string text;
  Test matches;
  bool has_star = false;
};

using Value = std::function<int(const std::tm&)>;

Field random_item(Random& random, int min, int max, const Value& value) {
  const int a = pick(random, min, max);
  const int b = pick(random, a, max);
  const int step = pick(random, 1, std::max(2, (max - min) / 2));
  const auto stepped = [value](int low, int high, int by) {
    return [=](const std::tm& t) { return value(t) >= low && value(t) <= high && (value(t) - low) % by == 0; };
  };
  switch (pick(random, 0, 6)) {
    case 0: return {"*", stepped(min, max, 1), true};
    case 1: return {fmt::format("*/{}", step), stepped(min, max, step), true};
    case 2: return {fmt::format("{}-{}", a, b), stepped(a, b, 1)};
    case 3: return {fmt::format("{}-{}/{}", a, b, step), stepped(a, b, step)};
    case 4: return {fmt::format("{}/{}", a, step), stepped(a, max, step)};
    default: return {std::to_string(a), stepped(a, a, 1)};
  }
}

Field random_field(Random& random, int min, int max, const Value& value) {
  Field field = random_item(random, min, max, value);
  if (pick(random, 0, 2) > 0) return field;
  const Field other = random_item(random, min, max, value);
  return {field.text + "," + other.text, [=](const std::tm& t) { return field.matches(t) || other.matches(t); },
          field.has_star || other.has_star};
}

int length_of_month(const std::tm& t) {
  constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = t.tm_year + 1900;
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return t.tm_mon == 1 && is_leap ? 29 : kLengths[t.tm_mon];
}

// Whether `t` is the workday nearest to `day`, found by walking out from it.
bool is_workday_near(const std::tm& t, int day) {
  const int length = length_of_month(t);
  if (day > length) return false;
  const auto is_workday = [&](int d) { return d >= 1 && d <= length && (t.tm_wday + d - t.tm_mday + 70) % 7 % 6 != 0; };
  for (int away = 0;; ++away) {
    if (is_workday(day - away)) return t.tm_mday == day - away;
    if (is_workday(day + away)) return t.tm_mday == day + away;
  }
}

Field random_day_of_month(Random& random) {
  const int n = pick(random, 1, 28);
  switch (pick(random, 0, 9)) {
    case 0: return {"L", [](const std::tm& t) { return t.tm_mday == length_of_month(t); }};
    case 1:
      return {fmt::format("L-{}", n % 10), [=](const std::tm& t) { return t.tm_mday == length_of_month(t) - n % 10; }};
    case 2: return {"LW", [](const std::tm& t) { return is_workday_near(t, length_of_month(t)); }};
    case 3: return {fmt::format("{}W", n), [=](const std::tm& t) { return is_workday_near(t, n); }};
    default: return random_field(random, 1, 31, [](const std::tm& t) { return t.tm_mday; });
  }
}

Field random_day_of_week(Random& random) {
  const int w = pick(random, 0, 6);
  const int n = pick(random, 1, 4);
  switch (pick(random, 0, 9)) {
    case 0:
      return {fmt::format("{}L", w),
              [=](const std::tm& t) { return t.tm_wday == w && t.tm_mday + 7 > length_of_month(t); }};
    case 1:
      return {fmt::format("{}#{}", w, n),
              [=](const std::tm& t) { return t.tm_wday == w && (t.tm_mday - 1) / 7 == n - 1; }};
    case 2: return {"FRI-SUN", [](const std::tm& t) { return t.tm_wday == 0 || t.tm_wday >= 5; }};
    default: return random_field(random, 0, 6, [](const std::tm& t) { return t.tm_wday; });
  }
}

bool is_bare(const std::string& text) { return text == "*" || text == "*/1"; }

struct Guess {
  std::string text;
  Test matches;
  bool is_wildcard = false;
};

// Hours about a clock change, where the rules differ; most of them are fixed.
Field hour_near(Random& random, int hour) {
  const int low = std::clamp(hour + pick(random, -2, 1), 0, 23);
  const int high = std::min(low + pick(random, 0, 2), 23);
  return {fmt::format("{}-{}", low, high), [=](const std::tm& t) { return t.tm_hour >= low && t.tm_hour <= high; }};
}

Guess random_expression(Random& random, bool has_seconds, std::optional<int> hour_of_change) {
  const Field any{"*", [](const std::tm&) { return true; }};
  const Value minute_of = [](const std::tm& t) { return t.tm_min; };
  const bool is_near = hour_of_change && pick(random, 0, 3) > 0;
  const Field second = random_field(random, 0, 59, [](const std::tm& t) { return t.tm_sec; });
  Field minute = random_field(random, 0, 59, minute_of);
  while (is_near && minute.has_star && pick(random, 0, 3) > 0) minute = random_field(random, 0, 59, minute_of);
  const Field hour = is_near ? hour_near(random, *hour_of_change)
                             : random_field(random, 0, 23, [](const std::tm& t) { return t.tm_hour; });
  const bool is_any_day = is_near && pick(random, 0, 1) == 0;
  const Field day = is_any_day || pick(random, 0, 1) == 0 ? any : random_day_of_month(random);
  const Field month = is_any_day || pick(random, 0, 3) > 0
                          ? any
                          : random_field(random, 1, 12, [](const std::tm& t) { return t.tm_mon + 1; });
  const Field weekday = is_any_day || pick(random, 0, 1) == 0 ? any : random_day_of_week(random);
  const Test on_day = [=](const std::tm& t) {
    if (is_bare(day.text) || is_bare(weekday.text)) return day.matches(t) && weekday.matches(t);
    return day.matches(t) || weekday.matches(t);
  };
  const Test second_of = has_seconds ? second.matches : [](const std::tm& t) { return t.tm_sec == 0; };
  std::string text = fmt::format("{} {} {} {} {}", minute.text, hour.text, day.text, month.text, weekday.text);
  return {has_seconds ? second.text + " " + text : text,
          [=](const std::tm& t) {
            return second_of(t) && minute.matches(t) && hour.matches(t) && month.matches(t) && on_day(t);
          },
          (has_seconds && second.has_star) || minute.has_star || hour.has_star};
}

std::time_t as_local(const std::tm& t) {
  std::tm copy = t;
  return timegm(&copy);
}

// What the oracle sees from `begin` on, a step at a time; due times after `from`.
std::vector<std::time_t> oracle(const Guess& guess, DstPolicy dst, std::time_t begin, std::time_t from, std::time_t end,
                                int step) {
  const bool replays = guess.is_wildcard || dst.overlap == DstPolicy::Overlap::twice;
  const bool catches_up = !guess.is_wildcard && dst.gap == DstPolicy::Gap::run;
  std::vector<std::time_t> due;
  std::time_t latest_shown = 0;
  std::time_t before = 0;
  for (std::time_t time = begin; time < end; time += step) {
    std::tm shown{};
    localtime_r(&time, &shown);
    const std::time_t local = as_local(shown);
    bool is_due = guess.matches(shown) && (replays || local > latest_shown);
    if (before != 0 && local - before - step < 3 * 3600 && catches_up) {
      for (std::time_t skipped = std::max(before, latest_shown) + step; skipped < local; skipped += step) {
        std::tm never{};
        gmtime_r(&skipped, &never);
        is_due = is_due || guess.matches(never);
      }
    }
    if (is_due && time > from) due.push_back(time);
    before = local;
    latest_shown = std::max(latest_shown, local);
  }
  return due;
}

std::vector<std::time_t> ours(const CronExpression& cron, std::time_t from, std::time_t end) {
  std::vector<std::time_t> due;
  for (auto next = next_due(cron, std::chrono::sys_seconds(std::chrono::seconds(from))); next;
       next = next_due(cron, *next)) {
    if (next->time_since_epoch().count() >= end) break;
    due.push_back(next->time_since_epoch().count());
  }
  return due;
}

const std::vector<std::string> kZones{
    "UTC",           "Europe/Berlin",       "Europe/Dublin",    "America/New_York", "America/Sao_Paulo",
    "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia",     "Asia/Tehran",      "Africa/Casablanca",
    "Asia/Kolkata",  "America/St_Johns",    "Antarctica/Troll", "Asia/Pyongyang",   "America/Caracas",
    "Asia/Gaza",     "Pacific/Chatham",     "Europe/Moscow",    "America/Havana",   "Atlantic/Azores"};

WallTime at(std::time_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

struct Moment {
  std::time_t time;
  std::optional<int> hour_of_change;  // as the clock shows it just before
};

// Most moments lie a little before a clock change, where the zone has one.
Moment random_moment(Random& random, Zone zone, bool has_seconds) {
  const std::time_t any =
      315'532'800 + std::uniform_int_distribution<std::time_t>(0, 1'798'000'000)(random);  // from 1980 on
  const auto changes = offset_changes(zone, at(any), at(any + 400 * 86'400));
  if (changes.empty() || pick(random, 0, 3) == 0) return {any / 60 * 60, {}};
  const WallTime change = changes[0].at;
  const int before = has_seconds ? pick(random, -30, 90) : pick(random, -90, 2000);  // minutes
  const auto time = std::chrono::floor<std::chrono::seconds>(change).time_since_epoch().count() - before * 60;
  return {time, civil_time(change - std::chrono::seconds(1), zone).hour};
}

void check_seed(std::uint64_t seed) {
  CAPTURE(seed);
  Random random(seed);
  const bool has_seconds = seed % 4 == 0;
  const std::string& zone_name = one_of(random, kZones);
  setenv("TZ", zone_name.c_str(), 1);
  tzset();
  const Zone zone = find_zone(zone_name).value();
  const auto [from, hour_of_change] = random_moment(random, zone, has_seconds);
  const Guess guess = random_expression(random, has_seconds, hour_of_change);
  const DstPolicy dst{pick(random, 0, 3) == 0 ? DstPolicy::Gap::skip : DstPolicy::Gap::run,
                      pick(random, 0, 3) == 0 ? DstPolicy::Overlap::twice : DstPolicy::Overlap::once};
  const std::time_t end = from + (has_seconds ? 4 * 3600 : 4 * 86'400);
  INFO(fmt::format("'{}' in {} after {}", guess.text, zone_name, from));
  const auto parsed = parse_cron(guess.text, zone, dst);
  if (!parsed) {
    CHECK(parsed.error().message.find("never fires") != std::string::npos);
    return;
  }
  const auto& cron = std::get<CronExpression>(parsed->schedule);
  CHECK(cron.is_wildcard() == guess.is_wildcard);
  const std::vector<std::time_t> expected = oracle(guess, dst, from - 30 * 3600, from, end, has_seconds ? 1 : 60);
  CHECK(ours(cron, from, end) == expected);
  const WallDueTimes counted = due_between(Cron(cron), at(from), at(end - 1));
  CHECK(counted.count == static_cast<std::int64_t>(expected.size()));
  if (expected.empty()) return;
  CHECK(counted.first == at(expected.front()));
  CHECK(counted.last == at(expected.back()));
}

TEST_CASE("due times and their number agree with an oracle that looks at every minute") {
  for (std::uint64_t seed = 1; seed <= 600; ++seed) check_seed(seed);
  unsetenv("TZ");
  tzset();
}

}  // namespace
}  // namespace taskrun
