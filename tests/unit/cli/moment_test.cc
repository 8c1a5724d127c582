#include "cli/moment.h"

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::cli;
using namespace std::chrono_literals;

namespace {

Zone berlin() { return find_zone("Europe/Berlin").value(); }

// The moment in RFC 3339, and after " | " the remark.
std::string read(std::string_view text) {
  const Result<Moment> moment = read_moment(text, berlin());
  if (!moment) return moment.error().message;
  return exact_text(moment->time, berlin()) + (moment->remark.empty() ? "" : " | " + moment->remark);
}

}  // namespace

TEST_CASE("a moment is shown in its zone, with the offset") {
  const WallTime time{1'774'746'000s};  // 2026-03-29T01:00:00Z, the end of the gap
  CHECK(moment_text(time, berlin()) == "Sun 2026-03-29 03:00:00 +02:00");
  CHECK(moment_text(time - 1s, berlin()) == "Sun 2026-03-29 01:59:59 +01:00");
  CHECK(minute_text(time, berlin()) == "2026-03-29 03:00 +02:00");
  CHECK(day_text(time, berlin()) == "Mar 29 03:00");
  CHECK(minute_text(time + 5s, berlin()) == "2026-03-29 03:00:05 +02:00");
  CHECK(moment_text(time, find_zone("America/St_Johns").value()) == "Sat 2026-03-28 22:30:00 -02:30");
  CHECK(exact_text(time + 250ms, berlin()) == "2026-03-29T03:00:00.25+02:00");
  CHECK(exact_text(time + 1ns, utc_zone()) == "2026-03-29T01:00:00.000000001Z");
}

TEST_CASE("a time with an offset is that moment") {
  CHECK(read("2026-07-01T12:00:00Z") == "2026-07-01T14:00:00+02:00");
  CHECK(read("2026-07-01T12:00:00.5+02:00") == "2026-07-01T12:00:00.5+02:00");
}

TEST_CASE("one without is on the clock of the zone") {
  CHECK(read("2026-07-01T12:00") == "2026-07-01T12:00:00+02:00");
  CHECK(read("2026-01-01 12:00:05") == "2026-01-01T12:00:05+01:00");
}

TEST_CASE("a skipped time is the end of the gap, and a repeated one the first, with a remark") {
  CHECK(read("2026-03-29T02:30") ==
        "2026-03-29T03:00:00+02:00 | 02:30 does not exist on that day in Europe/Berlin: the clock goes from 02:00 to "
        "03:00. This is the first moment after the gap.");
  CHECK(read("2026-10-25T02:30") ==
        "2026-10-25T02:30:00+02:00 | 02:30 comes twice on that day in Europe/Berlin. This is the first of them, the "
        "second is 2026-10-25T02:30:00+01:00.");
  CHECK(read("2026-10-25T03:00") == "2026-10-25T03:00:00+01:00");
  CHECK(read("2026-03-29T03:00") == "2026-03-29T03:00:00+02:00");
  CHECK(read("2026-03-29T01:59:59") == "2026-03-29T01:59:59+01:00");
}

TEST_CASE("what is no time is refused with two forms that are") {
  for (const char* const text : {"", "tomorrow", "2026-02-30T00:00", "12:00", "2026-07-01"}) {
    CAPTURE(text);
    CHECK(read(text).ends_with(" (write 2026-03-29T02:30, or 2026-03-29T02:30:00+02:00)"));
  }
}
