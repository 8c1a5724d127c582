// Table, codec, schema and docs/events.md hold together.

#include "report/event_schema.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "report/event_codec.h"
#include "report/event_keys.h"
#include "samples.h"
#include "schema_check.h"

namespace taskrun::report {
namespace {

using Json = nlohmann::ordered_json;

Json parsed(const Event& event) { return Json::parse(to_json_line(event, 7, "accounts")); }

Json sample(std::string_view name) {
  for (const Event& event : all_samples()) {
    if (event_name(event.fact) == name) return parsed(event);
  }
  return {};
}

std::vector<std::string> keys_of(const Json& line) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : line.items()) keys.push_back(key);
  return keys;
}

TEST_CASE("Every line that the codec can write fits the schema") {
  const SchemaCheck schema(Json::parse(event_json_schema()));
  for (const Event& event : all_samples()) {
    const Json line = parsed(event);
    CAPTURE(line.dump());
    CHECK(schema.violation(line) == "");
  }
}

TEST_CASE("Keys stand in the order of the table") {
  std::map<std::string, std::size_t> rank;
  for (const EventKey& key : event_keys()) rank.emplace(key.name, rank.size());
  CHECK(rank.size() == event_keys().size());
  for (const Event& event : all_samples()) {
    const std::vector<std::string> keys = keys_of(parsed(event));
    CAPTURE(parsed(event).dump());
    CHECK(std::is_sorted(keys.begin(), keys.end(), [&](const auto& a, const auto& b) { return rank[a] < rank[b]; }));
  }
}

TEST_CASE("No row is for nothing: each key stands, and is missing, where the table says it can") {
  std::map<std::string, std::map<std::string, std::size_t>> seen;  // event, key: times
  std::map<std::string, std::size_t> lines;
  for (const Event& event : all_samples()) {
    const std::string name(event_name(event.fact));
    ++lines[name];
    for (const std::string& key : keys_of(parsed(event))) ++seen[name][key];
  }
  CHECK(lines.size() == kEventCount);
  for (const EventKey& key : event_keys()) {
    for (std::size_t i = 0; i < kEventCount; ++i) {
      const std::string event(event_names()[i]), name(key.name);
      CAPTURE(event);
      CAPTURE(name);
      const std::size_t times = seen[event][name];
      if ((key.always >> i & 1) != 0) CHECK(times == lines[event]);
      if ((key.sometimes >> i & 1) != 0) CHECK((times > 0 && times < lines[event]));
      CHECK((key.always & key.sometimes) == 0);
    }
  }
}

TEST_CASE("The schema refuses what is not in the table") {
  const SchemaCheck schema(Json::parse(event_json_schema()));
  const auto spoilt = [&](std::string_view event, const std::string& key, const Json& value) {
    Json line = sample(event);
    if (value.is_discarded()) {
      line.erase(key);
    } else {
      line[key] = value;
    }
    return !schema.violation(line).empty();
  };
  const Json missing(Json::value_t::discarded);
  CHECK(spoilt("run_finished", "command", "secret"));
  CHECK(spoilt("run_finished", "event", "run_ended"));
  CHECK(spoilt("run_finished", "outcome", "ok"));
  CHECK(spoilt("run_finished", "outcome", missing));
  CHECK(spoilt("run_finished", "exit_code", 256));
  CHECK(spoilt("run_finished", "time", "2026-02-03T12:00:00Z"));
  CHECK(spoilt("run_finished", "result", 1));
  CHECK(spoilt("run_skipped", "attempt", 1));
  CHECK(spoilt("run_skipped", "count", 0));
  CHECK(spoilt("run_started", "run_id", "4711"));
  CHECK(spoilt("hook_finished", "run_id", sample("run_started")["run_id"]));
  CHECK(spoilt("runner_stopped", "runs", Json::object()));
  CHECK(spoilt("containment_failed", "pids", Json::array({0})));
  CHECK_FALSE(spoilt("run_finished", "exit_code", 255));
}

TEST_CASE("The checker knows a keyword that it does not know") {
  CHECK(SchemaCheck(Json::parse(R"({"maxItems":1})")).violation(1) == "the schema has an unknown keyword: maxItems");
}

constexpr std::string_view kBegin = "<!-- keys: event lines -->\n";
constexpr std::string_view kEnd = "<!-- end -->\n";

TEST_CASE("docs/events.md shows the table") {
  const std::string path = std::string(std::getenv("TASKRUN_TEST_DATA")) + "/../../docs/events.md";
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const std::string page = text.str();
  const std::size_t begin = page.find(kBegin), end = page.find(kEnd);
  REQUIRE((begin < end && end != std::string::npos));
  const std::string expected = page.substr(0, begin) + std::string(kBegin) + event_key_tables() + page.substr(end);
  if (page != expected && std::getenv("TASKRUN_WRITE_DOCS") != nullptr) std::ofstream(path) << expected;
  INFO("to bring it up to date: TASKRUN_WRITE_DOCS=1 just unit report");
  CHECK(page == expected);
}

}  // namespace
}  // namespace taskrun::report
