#include "base/time.h"

#include <doctest/doctest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

TEST_CASE("A time is UTC with six decimals, rounded down") {
  CHECK(format_utc(WallTime{}) == "1970-01-01T00:00:00.000000Z");
  CHECK(format_utc(sys_days{year(2026) / 2 / 3} + 4h + 5min + 6s + 7us) == "2026-02-03T04:05:06.000007Z");
  CHECK(format_utc(sys_days{year(2024) / 2 / 29} + 24h - 1ns) == "2024-02-29T23:59:59.999999Z");
  CHECK(format_utc(sys_days{year(1999) / 12 / 31} + 23h + 59min + 59s + 999999999ns) == "1999-12-31T23:59:59.999999Z");
  CHECK(format_utc(WallTime{-1ns}) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_utc(WallTime{-1us}) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_utc(WallTime{-1001ns}) == "1969-12-31T23:59:59.999998Z");
}

TEST_CASE("Every time that fits has 27 characters") {
  CHECK(format_utc(WallTime::min()) == "1677-09-21T00:12:43.145224Z");
  CHECK(format_utc(WallTime::max()) == "2262-04-11T23:47:16.854775Z");
}

TEST_CASE("Milliseconds have three decimals, rounded toward zero") {
  CHECK(format_milliseconds(0ns) == "0.000");
  CHECK(format_milliseconds(999ns) == "0.000");
  CHECK(format_milliseconds(1us) == "0.001");
  CHECK(format_milliseconds(1234567us) == "1234.567");
  CHECK(format_milliseconds(1234567us + 999ns) == "1234.567");
  CHECK(format_milliseconds(10s) == "10000.000");
  CHECK(format_milliseconds(-1us) == "-0.001");
  CHECK(format_milliseconds(-999ns) == "0.000");
  CHECK(format_milliseconds(-2h) == "-7200000.000");
  CHECK(format_milliseconds(Nanos::max()) == "9223372036854.775");
  CHECK(format_milliseconds(Nanos::min()) == "-9223372036854.775");
}

}  // namespace
}  // namespace taskrun
