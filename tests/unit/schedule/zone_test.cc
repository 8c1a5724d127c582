#include "schedule/zone.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "schedule/zone_names.h"

namespace taskrun {
namespace {

using namespace std::chrono_literals;

WallTime wall(std::string_view text) { return parse_rfc3339(text).value(); }
Zone zone(std::string_view name) { return find_zone(name).value(); }

// $TZ for the length of a test.
class TzVariable {
 public:
  explicit TzVariable(const char* value) {
    if (const char* const before = std::getenv("TZ")) before_ = before;
    setenv("TZ", value, 1);
  }
  TzVariable(const TzVariable&) = delete;
  TzVariable& operator=(const TzVariable&) = delete;
  ~TzVariable() { before_ ? setenv("TZ", before_->c_str(), 1) : unsetenv("TZ"); }

 private:
  std::optional<std::string> before_;
};

struct Wrong {
  const char* name;
  const char* message;
  const char* hint;
};

TEST_CASE("only names of the tz database are zones") {
  constexpr const char* kUsage = R"(zones are named like "Europe/Berlin" or "UTC")";
  const Wrong names[] = {
      {"", R"("" is no time zone: it is empty)", kUsage},
      {"/etc/passwd", R"("/etc/passwd" is no time zone: it is a path, and names come from the tz database only)",
       kUsage},
      {"../UTC", R"("../UTC" is no time zone: it holds "..", and names come from the tz database only)",
       R"(did you mean "Etc/UTC"?)"},
      {"localtime", R"("localtime" is no time zone: the tz database has a file but no zone of that name)", kUsage},
      {"Fixed/UTC+01:00:00", R"("Fixed/UTC+01:00:00" is no time zone: it has characters that none has)", kUsage},
      {"posix/Europe/Berlin",
       R"("posix/Europe/Berlin" is no time zone: the tz database has a file but no zone of that name)",
       R"(did you mean "Europe/Berlin"?)"},
      {"Europe/Berln", R"(unknown time zone "Europe/Berln")", R"(did you mean "Europe/Berlin"?)"},
      {"asia/shanghai", R"(unknown time zone "asia/shanghai")", R"(did you mean "Asia/Shanghai"?)"},
      {"New York", R"("New York" is no time zone: it has characters that none has)",
       R"(did you mean "America/New_York"?)"},
      {"Tokyo", R"(unknown time zone "Tokyo")", R"(did you mean "Asia/Tokyo"?)"},
      {"Europe", R"(unknown time zone "Europe")", kUsage},
      {"Mars/Olympus", R"(unknown time zone "Mars/Olympus")", kUsage},
  };
  for (const Wrong& wrong : names) {
    CAPTURE(wrong.name);
    const auto found = find_zone(wrong.name);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().message == wrong.message);
    CHECK(found.error().hint == wrong.hint);
  }
  CHECK_FALSE(find_zone(std::string(100'000, 'a')).has_value());
  CHECK_FALSE(find_zone(std::string("UTC\0", 4)).has_value());
}

TEST_CASE("zones are equal by name and know it") {
  CHECK(zone("Asia/Shanghai") == zone("Asia/Shanghai"));
  CHECK_FALSE(zone("Asia/Shanghai") == zone("Asia/Singapore"));
  CHECK(zone("UTC") == utc_zone());
  CHECK(zone("Asia/Shanghai").name() == "Asia/Shanghai");
}

TEST_CASE("the names for hints are sorted and end nowhere in between") {
  CHECK(zone_names().size() > 500);
  CHECK(std::is_sorted(zone_names().begin(), zone_names().end()));
  CHECK(zone_names().front() == "Africa/Abidjan");
  CHECK(zone_names().back() == "Zulu");
}

TEST_CASE("the local zone is named by TZ, in any of its forms") {
  const auto local_under = [](const char* value) {
    const TzVariable variable(value);
    return local_zone();
  };
  CHECK(local_under("Asia/Shanghai").value().name() == "Asia/Shanghai");
  CHECK(local_under(":Asia/Shanghai").value().name() == "Asia/Shanghai");
  CHECK(local_under("/usr/share/zoneinfo/Asia/Shanghai").value().name() == "Asia/Shanghai");
  CHECK(local_under("").value() == utc_zone());
  const auto posix = local_under("CST-8");
  REQUIRE_FALSE(posix.has_value());
  CHECK(posix.error().message == R"(the local time zone, from TZ: unknown time zone "CST-8")");
}

TEST_CASE("a wall clock shows what its zone makes of an instant") {
  CHECK(civil_time(wall("2026-03-29T01:00:00Z"), zone("Europe/Berlin")) == CivilTime{2026, 3, 29, 0, 3, 0, 0, 2h});
  CHECK(format_local(wall("2026-03-29T00:59:59.9Z"), zone("Europe/Berlin")) == "2026-03-29T01:59:59+01:00");
  CHECK(format_local(wall("2026-03-29T00:00:00Z"), zone("America/St_Johns")) == "2026-03-28T21:30:00-02:30");
  CHECK(format_local(wall("2026-03-29T00:00:00Z"), utc_zone()) == "2026-03-29T00:00:00Z");
  CHECK(format_local(wall("1969-12-31T23:59:59.5Z"), utc_zone()) == "1969-12-31T23:59:59Z");
}

TEST_CASE("offset changes are told with what they were before and after") {
  const auto changes =
      offset_changes(zone("Europe/Berlin"), wall("2026-01-01T00:00:00Z"), wall("2027-01-01T00:00:00Z"));
  REQUIRE(changes.size() == 2);
  CHECK(changes[0] == OffsetChange{wall("2026-03-29T01:00:00Z"), 1h, 2h});
  CHECK(changes[1] == OffsetChange{wall("2026-10-25T01:00:00Z"), 2h, 1h});
  CHECK(offset_changes(zone("Europe/Berlin"), changes[0].at, changes[1].at - 1s).empty());
  CHECK(offset_changes(zone("Asia/Kolkata"), wall("1950-01-01T00:00:00Z"), wall("2200-01-01T00:00:00Z")).empty());
}

TEST_CASE("RFC 3339 is read in all its forms and nothing else") {
  CHECK(wall("2026-03-29T03:00:00+02:00") == wall("2026-03-29T01:00:00Z"));
  CHECK(wall("2026-03-29t01:00:00z") == wall("2026-03-29 01:00:00Z"));
  CHECK(wall("1970-01-01T00:00:00.0000000019Z").time_since_epoch() == 1ns);
  CHECK(wall("1970-01-01T00:00:00.25-00:30").time_since_epoch() == 30min + 250ms);
  CHECK(parse_rfc3339_seconds("0001-01-01T00:00:00Z").has_value());
  CHECK(parse_rfc3339_seconds("9999-12-31T23:59:59Z").has_value());
  for (const char* text :
       {"", "2026-03-29", "2026-03-29T03:00:00", "2026-03-29T03:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-03-29T24:00:00Z", "2026-03-29T03:60:00Z", "2026-03-29T03:00:00+0200", "2026-03-29T03:00:00+24:00",
        "2026-03-29T03:00:00.Z", "2026-03-29T03:00:00Zx", " 2026-03-29T03:00:00Z", "1600-01-01T00:00:00Z",
        "2500-01-01T00:00:00Z", "+026-01-01T00:00:00Z"}) {
    CAPTURE(text);
    const auto time = parse_rfc3339(text);
    REQUIRE_FALSE(time.has_value());
    CHECK(time.error().message.find(" is not a time: ") != std::string::npos);
    CHECK_FALSE(time.error().hint.empty());
  }
}

}  // namespace
}  // namespace taskrun
