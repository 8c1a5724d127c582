// The public conformance cases: an expression, a zone, a moment, and the due times after it. `disputed` are cases where
// implementations differ; ours answers them all as docs/schedules.md says.

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "schedule/schedule.h"
#include "tests/unit/schedule/cases.h"

namespace taskrun {
namespace {

using std::chrono::sys_seconds;

std::vector<std::string> due_after(const CronExpression& cron, const std::string& from, std::size_t count) {
  std::vector<std::string> times;
  std::optional<sys_seconds> time = parse_rfc3339_seconds(from).value();
  while (times.size() < count && (time = next_due(cron, *time))) times.push_back(format_local(*time, cron.zone()));
  return times;
}

std::vector<std::string> as_written(const nlohmann::json& expected, Zone zone) {
  std::vector<std::string> times;
  for (const auto& time : expected) {
    times.push_back(format_local(parse_rfc3339_seconds(time.get<std::string>()).value(), zone));
  }
  return times;
}

TEST_CASE("every public case of a next time is answered as expected") {
  for (const auto& entry : test::cases_of("next.json")) {
    const auto text = entry[2].get<std::string>();
    const auto zone_name = entry[3].get<std::string>();
    const auto from = entry[4].get<std::string>();
    const nlohmann::json& expected = entry[5];
    INFO(entry.dump());
    const auto parsed = parse_cron(text, find_zone(zone_name).value());
    if (expected.empty()) {
      CHECK_FALSE(parsed.has_value());
      continue;
    }
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().message);
    const auto* const cron = std::get_if<CronExpression>(&parsed->schedule);
    if (cron == nullptr) continue;  // @every: below
    CHECK(due_after(*cron, from, expected.size()) == as_written(expected, cron->zone()));
  }
}

TEST_CASE("every public case of @every is elapsed time") {
  std::size_t count = 0;
  for (const auto& entry : test::cases_of("next.json")) {
    if (entry[0] != "every" || entry[1] != "core") continue;
    INFO(entry.dump());
    const auto parsed = parse_cron(entry[2].get<std::string>(), utc_zone());
    REQUIRE(parsed.has_value());
    WallTime time = parse_rfc3339(entry[4].get<std::string>()).value();
    for (const auto& expected : entry[5]) {
      time += std::get<Every>(parsed->schedule).period;
      CHECK(time == parse_rfc3339(expected.get<std::string>()));
    }
    ++count;
  }
  CHECK(count > 20);
}

TEST_CASE("every public case of an invalid expression is refused with its reason, place and a hint") {
  for (const auto& entry : test::cases_of("invalid.json")) {
    INFO(entry.dump());
    const auto text = entry[2].get<std::string>();
    const auto parsed = parse_cron(text, utc_zone());
    if (entry[1] == "ext" && parsed) continue;  // an extension that others lack
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message.find(" is not a cron expression: ") != std::string::npos);
    CHECK(parsed.error().message.find(fmt::format("column {}: ", parsed.error().column)) != std::string::npos);
    CHECK(parsed.error().column <= text.size() + 1);
    CHECK_FALSE(parsed.error().hint.empty());
  }
}

}  // namespace
}  // namespace taskrun
