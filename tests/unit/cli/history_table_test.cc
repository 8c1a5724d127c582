// The history as text: for people in 80 columns, and for programs.

#include "cli/history_table.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/history_text.h"

using namespace taskrun;
using namespace taskrun::cli;
using namespace std::chrono_literals;
using Kind = Recorded::Kind;

namespace {

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};

Recorded entry(Kind kind, const std::string& task, Outcome outcome = Outcome::success) {
  Recorded entry;
  entry.kind = kind;
  entry.task = task;
  entry.run = parse_run_id("019b77e8-7d80-7000-8abc-0123456789ab").value();
  entry.at = kNow - 1min;
  entry.scheduled_at = kNow - 1min - 3ms;
  entry.outcome = outcome;
  entry.duration = 1500ms;
  return entry;
}

std::vector<Recorded> one_of_each() {
  std::vector<Recorded> all{entry(Kind::running, "report"),
                            entry(Kind::ended, "billing"),
                            entry(Kind::ended, "a-task-with-a-longer-name", Outcome::failure),
                            entry(Kind::ended, "scan", Outcome::timeout),
                            entry(Kind::skipped, "scan"),
                            entry(Kind::gap, "")};
  all[0].attempt = 2;
  all[1].trigger = Trigger::manual;
  all[2].report.exit.exit_code = 3;
  all[2].error = "a line\nand \x1b[31m another, which is long enough for any terminal there is";
  all[3].report.exit.signal = 9;
  all[3].killed_by = KilledBy::timeout;
  all[4].reason = SkipReason::missed;
  all[4].count = 12;
  all[5].count = 40;
  return all;
}

std::string shown(const Terminal& terminal) {
  return history_table(one_of_each(), true, kNow, find_zone("UTC").value(), terminal);
}

}  // namespace

TEST_CASE("a line says when, what, how it ended, how long it took, and which run it was") {
  CHECK(shown({}) ==
        R"(WHEN                 TASK                       OUTCOME  TOOK   RUN       REMARK
2027-01-15 07:59:00  report                     running  1 min  456789ab  attempt 2
2027-01-15 07:59:00  billing                    success  1.5 s  456789ab  manual
2027-01-15 07:59:00  a-task-with-a-longer-name  failure  1.5 s  456789ab  exit 3, a line\u{000a}and \u{001b}[31m another, which is long enough for any terminal there is
2027-01-15 07:59:00  scan                       timeout  1.5 s  456789ab  SIGKILL (timeout)
2027-01-15 07:59:00  scan                       skipped  -      456789ab  missed, 12 due times
2027-01-15 07:59:00  -                          gap      -      -         40 records lost since 2027-01-15T07:58:59Z
)");
}

TEST_CASE("a run whose runner is gone does not go on") {
  const Recorded open = recorded(one_of_each()[0], false);
  CHECK(history_table({open}, false, kNow, find_zone("UTC").value(), {}) ==
        "2027-01-15 07:59:00  report  unfinished  -  456789ab  its runner is gone, attempt 2\n");
  CHECK(to_json(open).starts_with(R"({"state":"unfinished","task":"report")"));
  CHECK(to_csv(open).starts_with("unfinished,report,"));
  CHECK(state_of(recorded(one_of_each()[0], true)) == "running");
  CHECK(state_of(recorded(one_of_each()[1], false)) == "ended");
}

TEST_CASE("no line is wider than the terminal") {
  std::istringstream text(shown({.width = 80}));
  for (std::string line; std::getline(text, line);) {
    const auto characters = std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; });
    CHECK_MESSAGE(characters <= 80, line);
  }
}

TEST_CASE("an outcome has its colour") {
  const std::string text = shown({.has_colour = true});
  CHECK(text.find("\x1b[32msuccess") != std::string::npos);
  CHECK(text.find("\x1b[31mfailure") != std::string::npos);
  CHECK(text.find("\x1b[33mskipped") != std::string::npos);
  CHECK(shown({}).find('\x1b') == std::string::npos);
}

TEST_CASE("a summary has a mark for each of the last runs, the longest the highest") {
  report::TaskSummary summary{.task = "scan", .runs = 200, .successes = 199, .median = 10ms, .p95 = 20ms};
  summary.longest = 1s;
  summary.latest = {0ms, 500ms, 1s};
  summary.last_success = kNow;
  CHECK(summary_table({summary, {.task = "never", .skipped = 1}}, find_zone("UTC").value(), {}) ==
        R"(TASK   RUNS  OK   P50    P95    MAX    LAST RUNS  LAST SUCCESS
scan   200   99%  10 ms  20 ms  1.0 s  ▁▅█        Jan 15 08:00
never  0     -    -      -      -                 -
)");
  CHECK(to_json(summary) ==
        R"({"task":"scan","runs":200,"successes":199,"skipped":0,"p50_ms":10.000,"p95_ms":20.000,"max_ms":1000.000,)"
        R"("last_success_at":"2027-01-15T08:00:00.000000Z","last_durations_ms":[0.000,500.000,1000.000]})");
}

TEST_CASE("an entry as JSON has the keys of its state and no others") {
  const auto all = one_of_each();
  CHECK(to_json(all[0]) == R"({"state":"running","task":"report","run_id":"019b77e8-7d80-7000-8abc-0123456789ab",)"
                           R"("attempt":2,"trigger":"schedule","scheduled_at":"2027-01-15T07:58:59.997000Z",)"
                           R"("started_at":"2027-01-15T07:59:00.000000Z"})");
  CHECK(to_json(all[4]) == R"({"state":"skipped","task":"scan","run_id":"019b77e8-7d80-7000-8abc-0123456789ab",)"
                           R"("attempt":1,"trigger":"schedule","scheduled_at":"2027-01-15T07:58:59.997000Z",)"
                           R"("skipped_at":"2027-01-15T07:59:00.000000Z","reason":"missed","count":12})");
  CHECK(to_json(all[5]) == R"({"state":"gap","from":"2027-01-15T07:58:59.997000Z",)"
                           R"("until":"2027-01-15T07:59:00.000000Z","count":40})");
  const report::HistoryOutput output{"\x1b[31m", "\xff", R"({"n":1})"};
  const std::string ended = to_json(all[3], &output);
  CHECK(ended.find(R"("outcome":"timeout","signal":"SIGKILL","killed_by":"timeout","final":true)") !=
        std::string::npos);
  CHECK(ended.find("\"stdout\":\"\\u001b[31m\",\"stderr\":\"\xef\xbf\xbd\",\"result\":{\"n\":1}}") !=
        std::string::npos);
}

namespace {

std::vector<std::string> fields_of(std::string line) {
  std::vector<std::string> fields;
  line.erase(line.find_last_not_of("\r\n") + 1);
  std::istringstream text(line + ',');
  for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
  return fields;
}

}  // namespace

TEST_CASE("a line of CSV has what the object of JSON has, under the same keys") {
  const std::vector<std::string> keys = fields_of(csv_heading());
  auto all = one_of_each();
  for (Recorded& each : all) each.error = each.kind == Kind::ended ? "why" : "";
  all[3].report.pid = 77;
  all[3].report.exit.core_dumped = true;
  all[3].retry_in = 250ms;
  for (const Recorded& each : all) {
    const auto json = nlohmann::json::parse(to_json(each));
    const std::vector<std::string> fields = fields_of(to_csv(each));
    REQUIRE(fields.size() == keys.size());
    std::size_t filled = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CAPTURE(keys[i]);
      if (!fields[i].empty()) ++filled;
      const auto member = json.find(keys[i]);
      REQUIRE((member != json.end()) == !fields[i].empty());
      if (member != json.end() && member->is_string()) CHECK(member->get<std::string>() == fields[i]);
      if (member != json.end() && !member->is_string()) CHECK(*member == nlohmann::json::parse(fields[i]));
    }
    CHECK(filled == json.size());
  }
}

TEST_CASE("a field of CSV is quoted where it must be") {
  Recorded quoted = one_of_each()[2];
  quoted.error = "one, \"two\"\nthree";
  CHECK(to_csv(quoted).find(",failure,3,,,,true,,\"one, \"\"two\"\"\nthree\",") != std::string::npos);
  CHECK(to_csv(quoted).ends_with("\r\n"));
}
