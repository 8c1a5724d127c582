#include "tasks/billing_charge.h"

#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace taskrun::tasks;

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

using Time = std::optional<std::int64_t>;

// "from-until: amount", "nothing", or why not.
std::string billed(std::int64_t price, std::int64_t started, Time stopped, Time billed_until, std::int64_t boundary) {
  const auto charged = charge({1, price, started, stopped, billed_until}, boundary);
  if (!charged) return charged.error().message;
  if (!*charged) return "nothing";
  return std::to_string((*charged)->from) + "-" + std::to_string((*charged)->until) + ": " +
         std::to_string((*charged)->amount);
}

}  // namespace

TEST_CASE("a time ends at the last whole granularity, also before 1970") {
  CHECK(last_boundary(119, 60) == 60);
  CHECK(last_boundary(120, 60) == 120);
  CHECK(last_boundary(121, 1) == 121);
  CHECK(last_boundary(0, 60) == 0);
  CHECK(last_boundary(-1, 60) == -60);
  CHECK(last_boundary(-60, 60) == -60);
}

TEST_CASE("an instance is billed from where it was billed until, up to the boundary or its stop") {
  CHECK(billed(3600, 100, {}, {}, 160) == "100-160: 60");
  CHECK(billed(3600, 100, {}, 120, 160) == "120-160: 40");
  CHECK(billed(3600, 100, 150, 120, 160) == "120-150: 30");
  CHECK(billed(3600, 100, 170, 120, 160) == "120-160: 40");
  CHECK(billed(0, 100, {}, {}, 160) == "100-160: 0");
}

TEST_CASE("nothing is billed twice: not after the stop, nor when the clock was set back, nor before the start") {
  CHECK(billed(3600, 100, 150, 150, 160) == "nothing");
  CHECK(billed(3600, 100, {}, 160, 160) == "nothing");
  CHECK(billed(3600, 100, {}, 160, 40) == "nothing");
  CHECK(billed(3600, 100, 150, 160, 220) == "nothing");
  CHECK(billed(3600, 100, {}, {}, 100) == "nothing");
  CHECK(billed(3600, 100, {}, {}, 40) == "nothing");
  CHECK(billed(3600, 100, 100, {}, 220) == "nothing");
}

TEST_CASE("fractions of a micro are never lost nor made: they are charged when they are whole") {
  CHECK(billed(1, 0, {}, {}, 3599) == "0-3599: 0");
  CHECK(billed(1, 0, {}, 3599, 3600) == "3599-3600: 1");
  CHECK(billed(7, 0, {}, 1800, 3600) == "1800-3600: 4");
  CHECK(billed(7, 0, {}, 0, 1800) == "0-1800: 3");
}

TEST_CASE("a long time in any pieces costs what it costs in one") {
  std::mt19937_64 random(20261121);
  for (int round = 0; round < 500; ++round) {
    BilledInstance instance;
    instance.price_per_hour = static_cast<std::int64_t>(random() % (round % 2 == 0 ? 10'000 : 1'000'000'000'000));
    instance.started = static_cast<std::int64_t>(random() % 2'000'000'000);
    const std::int64_t end = instance.started + static_cast<std::int64_t>(random() % 100'000'000) + 1;
    const auto whole = charge(instance, end);
    std::int64_t amount = 0;
    while (instance.billed_until.value_or(instance.started) < end) {
      const std::int64_t from = instance.billed_until.value_or(instance.started);
      const auto piece = charge(instance, std::min(end, from + 1 + static_cast<std::int64_t>(random() % 5'000'000)));
      amount += (*piece)->amount;
      instance.billed_until = (*piece)->until;
    }
    REQUIRE(amount == (*whole)->amount);
  }
}

TEST_CASE("what does not fit 64 bits is refused, and what just fits is exact") {
  CHECK(billed(kMost, 0, {}, {}, 3600) == "0-3600: 9223372036854775807");
  CHECK(billed(kMost, 0, {}, {}, 3601) == "what it owes does not fit 64 bits");
  CHECK(billed(kMost, 0, {}, 3600, 3601) == "3600-3601: 2562047788015215");
  CHECK(billed(kMost, kLeast, {}, {}, kMost) == "what it owes does not fit 64 bits");
  CHECK(billed(1, kLeast, {}, kMost - 3600, kMost) ==
        std::to_string(kMost - 3600) + "-" + std::to_string(kMost) + ": 1");
  CHECK(sum(kMost, 0) == kMost);
  CHECK(sum(kMost, 1) == std::nullopt);
}

TEST_CASE("a period is as long as it is, also where that does not fit 63 bits") {
  CHECK(length({.from = 100, .until = 160}) == 60);
  CHECK(length({.from = -100, .until = 160}) == 260);
  CHECK(length({.from = kLeast, .until = kMost}) == 18'446'744'073'709'551'615U);
}

TEST_CASE("a row that makes no sense is told") {
  CHECK(billed(-1, 100, {}, {}, 160) == "its price is below 0");
  CHECK(billed(1, 100, {}, 40, 160) == "it was billed until a time before its start");
}

TEST_CASE("micros are shown with six decimals") {
  CHECK(format_micros(12'345'678) == "12.345678");
  CHECK(format_micros(0) == "0.000000");
  CHECK(format_micros(-5) == "-0.000005");
  CHECK(format_micros(kMost) == "9223372036854.775807");
  CHECK(format_micros(kLeast) == "-9223372036854.775808");
}
