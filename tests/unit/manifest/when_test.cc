// When a task runs: `cron`, `at`, and what they are read with.

#include <doctest/doctest.h>

#include "base/limits.h"
#include "loading.h"

namespace taskrun::manifest {
namespace {

using namespace std::chrono_literals;

Schedule schedule_of(const std::string& keys, World world = {}) {
  return load_task(R"({"shell": "x", )" + keys + "}", std::move(world)).schedule;
}

std::vector<CronExpression> cron_of(const std::string& keys, World world = {}) {
  const Schedule schedule = schedule_of(keys, std::move(world));
  REQUIRE(std::holds_alternative<Cron>(schedule));
  return std::get<Cron>(schedule).expressions();
}

std::string mistakes_of(const std::string& keys) {
  return told(World().load(one_task(R"({"shell": "x", )" + keys + "}")));
}

TEST_CASE("a cron expression is one string or several") {
  CHECK(cron_of(R"("cron": "0 4 * * *")")[0].text() == "0 4 * * *");
  const std::vector<CronExpression> two = cron_of(R"("cron": ["0 4 * * *", "@hourly"])");
  REQUIRE(two.size() == 2);
  CHECK(two[1].text() == "@hourly");
}

TEST_CASE("the zone is the expression's own, the task's, that of the defaults, or the local one") {
  World world;
  world.local_zone = "Asia/Tokyo";
  CHECK(cron_of(R"("cron": "0 4 * * *")", world)[0].zone().name() == "Asia/Tokyo");
  CHECK(cron_of(R"("timezone": "Asia/Shanghai", "cron": "0 4 * * *")", world)[0].zone().name() == "Asia/Shanghai");
  CHECK(cron_of(R"("cron": "0 4 * * *", "timezone": "Asia/Shanghai")", world)[0].zone().name() == "Asia/Shanghai");
  CHECK(cron_of(R"("cron": "TZ=UTC 0 4 * * *", "timezone": "Asia/Shanghai")", world)[0].zone().name() == "UTC");
  const Manifest manifest = load_valid(R"({"tasks": {"a": {"shell": "x", "cron": "@daily"},
      "b": {"shell": "x", "cron": "@daily", "timezone": "UTC"}}, "defaults": {"timezone": "Asia/Shanghai"}})",
                                       world);
  CHECK(std::get<Cron>(manifest.tasks[0]->schedule).expressions()[0].zone().name() == "Asia/Shanghai");
  CHECK(std::get<Cron>(manifest.tasks[1]->schedule).expressions()[0].zone().name() == "UTC");
}

TEST_CASE("a local zone that is not known is a mistake of tasks that need it") {
  World world;
  world.local_zone = "";
  CHECK(
      told(world.load(one_task(R"({"shell": "x", "cron": "@daily"})"))) ==
      "1:40 the local time zone is not known: TZ names none | name one: \"timezone\": \"Europe/Berlin\", or \"UTC\"\n");
  CHECK(cron_of(R"("cron": "@daily", "timezone": "UTC")", world)[0].zone().name() == "UTC");
  CHECK(std::holds_alternative<Every>(schedule_of(R"("every": "1h")", world)));
}

TEST_CASE("clock changes go by the task's rules, member by member over those of the defaults") {
  using Dst = DstPolicy;
  CHECK(cron_of(R"("cron": "0 4 * * *")")[0].dst() == Dst{Dst::Gap::run, Dst::Overlap::once});
  CHECK(cron_of(R"("cron": "0 4 * * *", "dst": {"gap": "skip"})")[0].dst() == Dst{Dst::Gap::skip, Dst::Overlap::once});
  const Manifest manifest = load_valid(R"({"defaults": {"dst": {"overlap": "twice"}, "catch_up": "all"},
      "tasks": {"a": {"shell": "x", "cron": "0 4 * * *", "dst": {"gap": "skip"}, "catch_up_limit": 7}}})");
  CHECK(std::get<Cron>(manifest.tasks[0]->schedule).expressions()[0].dst() == Dst{Dst::Gap::skip, Dst::Overlap::twice});
  CHECK(manifest.tasks[0]->policy->catch_up == CatchUp::all);
  CHECK(manifest.tasks[0]->policy->catch_up_limit == 7);
}

TEST_CASE("a lone @every is elapsed time") {
  CHECK(schedule_of(R"("cron": "@every 10m")") == Schedule(Every{10min}));
  CHECK(mistakes_of(R"("cron": "@every 9ms")") == "1:40 \"cron\": the period of @every must be at least 10ms\n");
  CHECK(mistakes_of(R"("cron": ["@every 10m"])").starts_with("1:41 \"cron\": @every counts elapsed time"));
}

TEST_CASE("one-off times are a string or several, in any order") {
  const WallTime first{1'893'456'000s};
  CHECK(schedule_of(R"("at": "2030-01-01T00:00:00Z")") == Schedule(At({first})));
  CHECK(schedule_of(R"("at": ["2030-01-01T01:00:00Z", "2030-01-01T01:00:00+01:00"])") ==
        Schedule(At({first, first + 1h})));
}

TEST_CASE("expressions, zones and times are interpolated") {
  World world;
  world.variables = {{"HOUR", "4"}, {"ZONE", "Asia/Tokyo"}, {"YEAR", "2030"}};
  const std::vector<CronExpression> cron = cron_of(R"("cron": "0 ${HOUR} * * *", "timezone": "${ZONE}")", world);
  CHECK(cron[0].text() == "0 4 * * *");
  CHECK(cron[0].zone().name() == "Asia/Tokyo");
  CHECK(std::holds_alternative<At>(schedule_of(R"("at": "${YEAR}-01-01T00:00:00Z")", world)));
}

TEST_CASE("a task says in one way when it runs") {
  CHECK(mistakes_of(R"("cron": "@daily", "at": "2030-01-01T00:00:00Z")")
            .starts_with("1:50 both \"cron\" and \"at\" say when to run"));
  CHECK(mistakes_of(R"("every": "1h", "cron": "@daily")").starts_with("1:47 both \"every\" and \"cron\""));
}

TEST_CASE("a mistake is told at its character, escapes and wide characters minded") {
  CHECK(mistakes_of(R"("cron": "0 25 * * *")").starts_with("1:43 "));
  CHECK(mistakes_of(R"("cron": "\u0030\t25 * * *")").starts_with("1:49 "));
  CHECK(mistakes_of(R"("x-ä": 1, "cron": "0 25 * * *")").starts_with("1:53 "));
}

TEST_CASE("more expressions than anybody means are refused") {
  std::string list = R"("cron": ["@daily")";
  for (std::size_t i = 0; i < limits::kCronExpressions; ++i) list += R"(, "@daily")";
  CHECK(mistakes_of(list + "]") == "1:40 \"cron\" holds more than 1000 expressions\n");
}

TEST_CASE("without a clock nothing is said about what is past or to come") {
  World world;
  world.now = std::nullopt;
  CHECK(told(world.load(one_task(R"({"shell": "x", "at": "1990-01-01T00:00:00Z"})"))) == "");
  CHECK(told(world.load(one_task(R"({"shell": "x", "cron": "30 2 * * *", "timezone": "Europe/Berlin"})"))) == "");
}

}  // namespace
}  // namespace taskrun::manifest
