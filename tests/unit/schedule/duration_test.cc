#include "schedule/duration.h"

#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/schedule/cases.h"

namespace taskrun {
namespace {

using namespace std::chrono_literals;
using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;

TEST_CASE("every valid duration of the public cases reads as Go reads it") {
  for (const auto& entry : test::cases_of("durations_valid.json")) {
    const auto text = entry["duration"].get<std::string>();
    CAPTURE(text);
    const auto duration = parse_duration(text, DurationUnits::go);
    REQUIRE(duration.has_value());
    CHECK(duration->count() == entry["ns"].get<std::int64_t>());
    CHECK(parse_duration(entry["canonical"].get<std::string>(), DurationUnits::go) == *duration);
  }
}

TEST_CASE("every invalid duration of the public cases is refused with a message and a hint") {
  for (const auto& entry : test::cases_of("durations_invalid.json")) {
    const auto text = entry["duration"].get<std::string>();
    CAPTURE(text);
    const auto duration = parse_duration(text, DurationUnits::go);
    REQUIRE_FALSE(duration.has_value());
    CHECK(duration.error().message.find(" is not a duration: ") != std::string::npos);
    CHECK_FALSE(duration.error().hint.empty());
  }
}

TEST_CASE("the manifest's days and weeks read beside Go's units, which know neither") {
  CHECK(parse_duration("7d", DurationUnits::manifest) == Nanos(Days(7)));
  CHECK(parse_duration("2w", DurationUnits::manifest) == Nanos(Days(14)));
  CHECK(parse_duration("1w2d3h", DurationUnits::manifest) == Nanos(Days(9)) + 3h);
  CHECK(parse_duration("1.5d", DurationUnits::manifest) == 36h);
  CHECK(parse_duration("-0.5w", DurationUnits::manifest) == Nanos(-84h));
  CHECK_FALSE(parse_duration("7d", DurationUnits::go).has_value());
  CHECK_FALSE(parse_duration("2w", DurationUnits::go).has_value());
}

TEST_CASE("durations reach to the last nanosecond of 64 bits and no further") {
  CHECK(parse_duration("9223372036854775807ns", DurationUnits::go) == Nanos::max());
  CHECK(parse_duration("-9223372036854775808ns", DurationUnits::go) == Nanos::min());
  CHECK(parse_duration("106751d23h47m16.854775807s", DurationUnits::manifest) == Nanos::max());
  for (const char* text : {"9223372036854775808ns", "-9223372036854775809ns", "106752d", "15251w", "106751d24h"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text, DurationUnits::manifest).has_value());
  }
}

struct Mistake {
  const char* text;
  const char* message;
  const char* hint;
};

TEST_CASE("a mistaken duration is told with what to write instead") {
  const Mistake mistakes[] = {
      {"10", R"("10" is not a duration: the unit is missing)", R"(write "10s")"},
      {"1h30", R"("1h30" is not a duration: the unit is missing)", R"(write "1h30m")"},
      {"5min", R"("5min" is not a duration: unknown unit "min" (units are ns us ms s m h d w))", R"(write "5m")"},
      {"2 days", R"("2 days" is not a duration: it holds a blank)", R"(write "2d")"},
      {" 10s", R"(" 10s" is not a duration: a number was expected at " 10s")", R"(write "10s")"},
      {"1,5h", R"("1,5h" is not a duration: unknown unit "," (units are ns us ms s m h d w))", R"(write "1.5h")"},
      {"10S", R"("10S" is not a duration: unknown unit "S" (units are ns us ms s m h d w))", R"(write "10s")"},
      {"", R"("" is not a duration: it is empty)", R"(durations look like "250ms", "10s", "1h30m" or "7d")"},
      {"3y", R"("3y" is not a duration: unknown unit "y" (units are ns us ms s m h d w))",
       R"(durations look like "250ms", "10s", "1h30m" or "7d")"},
      {"-", R"("-" is not a duration: a sign alone is no number)",
       R"(durations look like "250ms", "10s", "1h30m" or "7d")"},
      {".s", R"(".s" is not a duration: a point without digits is no number)",
       R"(durations look like "250ms", "10s", "1h30m" or "7d")"},
      {"300y", R"("300y" is not a duration: unknown unit "y" (units are ns us ms s m h d w))",
       R"(durations look like "250ms", "10s", "1h30m" or "7d")"},
      {"200000d", R"("200000d" is not a duration: it is longer than 64-bit nanoseconds can hold (292 years))",
       R"(durations look like "250ms", "10s", "1h30m" or "7d")"},
  };
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.text);
    const auto duration = parse_duration(mistake.text, DurationUnits::manifest);
    REQUIRE_FALSE(duration.has_value());
    CHECK(duration.error().message == mistake.message);
    CHECK(duration.error().hint == mistake.hint);
  }
}

TEST_CASE("a duration is written short, for people") {
  CHECK(format_duration(0s) == "0s");
  CHECK(format_duration(10s) == "10s");
  CHECK(format_duration(90min) == "1h30m");
  CHECK(format_duration(24h * 7) == "7d");
  CHECK(format_duration(36h) == "1d12h");
  CHECK(format_duration(250ms) == "250ms");
  CHECK(format_duration(1500ms) == "1.5s");
  CHECK(format_duration(1500us) == "1.5ms");
  CHECK(format_duration(12us) == "12us");
  CHECK(format_duration(7ns) == "7ns");
  CHECK(format_duration(-90s) == "-1m30s");
  CHECK(format_duration(60s + 1ns) == "1m0.000000001s");
  CHECK(format_duration(Nanos::max()) == "106751d23h47m16.854775807s");
  CHECK(format_duration(Nanos::min()) == "-106751d23h47m16.854775808s");
}

TEST_CASE("what format_duration writes, parse_duration reads back exactly") {
  std::mt19937_64 random(20240601);
  for (int i = 0; i < 20000; ++i) {
    const Nanos duration(static_cast<std::int64_t>(random()) >> (random() % 64));
    CAPTURE(duration.count());
    CHECK(parse_duration(format_duration(duration), DurationUnits::manifest) == duration);
  }
}

}  // namespace
}  // namespace taskrun
