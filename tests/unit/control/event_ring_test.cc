#include "control/event_ring.h"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "report/event_codec.h"

namespace taskrun::control {
namespace {

using nlohmann::json;

TaskRef task(const std::string& name) {
  static const auto policy = std::make_shared<const TaskPolicy>();
  return {std::make_shared<const TaskSpec>(TaskSpec{name, ShellText{"true"}, OnRequest{}, policy}), 0};
}

Event paused(const std::string& name) { return {WallTime{}, TaskPaused{task(name)}}; }

std::vector<json> lines(const std::string& text) {
  std::vector<json> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    all.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return all;
}

std::vector<int> numbers(const std::string& text) {
  std::vector<int> all;
  for (const json& line : lines(text)) all.push_back(line["seq"]);
  return all;
}

constexpr std::size_t kRoom = 1'000'000;
const std::size_t kLine = report::to_json_line(paused("a"), 1, "x").size();

TEST_CASE("A subscriber reads every line once, from where it begins") {
  EventRing ring("x");
  CHECK(ring.last_seq() == 0);
  EventCursor first(0);
  for (int i = 0; i < 3; ++i) ring.record(paused("a"));
  EventCursor second(2);
  CHECK(ring.last_seq() == 3);
  CHECK(numbers(first.read(ring, kRoom)) == std::vector{1, 2, 3});
  CHECK(numbers(second.read(ring, kRoom)) == std::vector{3});
  CHECK(first.read(ring, kRoom) == "");
  ring.record(paused("a"));
  CHECK(numbers(first.read(ring, kRoom)) == std::vector{4});
}

TEST_CASE("A definition is not kept for the lines that were told of it") {
  EventRing ring("x");
  const Event event = paused("a");
  const TaskSpecPtr& spec = std::get<TaskPaused>(event.fact).task.spec;
  ring.record(event);
  CHECK(spec.use_count() == 1);
  CHECK(numbers(EventCursor(0, "a").read(ring, kRoom)) == std::vector{1});
}

TEST_CASE("It reads in pieces as large as it takes, but never less than a line") {
  EventRing ring("x");
  for (int i = 0; i < 5; ++i) ring.record(paused("a"));
  EventCursor cursor(0);
  CHECK(numbers(cursor.read(ring, 2 * kLine)) == std::vector{1, 2});
  CHECK(numbers(cursor.read(ring, 1)) == std::vector{3});
  CHECK(numbers(cursor.read(ring, kRoom)) == std::vector{4, 5});
}

TEST_CASE("The oldest lines are forgotten, and who has not read them is told") {
  EventRing ring("x", Bytes{3 * kLine});
  EventCursor cursor(1);
  for (int i = 0; i < 8; ++i) ring.record(paused("a"));
  CHECK(ring.last_seq() == 8);
  const auto read = lines(cursor.read(ring, kRoom));
  REQUIRE(read.size() == 4);
  CHECK(read[0]["event"] == "events_dropped");
  CHECK(read[0]["from_seq"] == 2);
  CHECK(read[0]["to_seq"] == 5);
  CHECK(read[0]["seq"] == 5);
  CHECK(read[1]["seq"] == 6);
  CHECK(read[3]["seq"] == 8);
}

TEST_CASE("A line that is left out takes its number, and is told before the next one that is there") {
  EventRing ring("x");
  EventCursor cursor(0);
  ring.record(paused("a"));
  for (int i = 0; i < 3; ++i) ring.drop(paused("a"));
  CHECK(ring.last_seq() == 4);
  CHECK(numbers(cursor.read(ring, kRoom)) == std::vector{1});
  CHECK(cursor.read(ring, kRoom) == "");
  ring.record(paused("a"));
  const auto read = lines(cursor.read(ring, kRoom));
  REQUIRE(read.size() == 2);
  CHECK(read[0]["from_seq"] == 2);
  CHECK(read[0]["to_seq"] == 4);
  CHECK(read[1]["seq"] == 5);
}

TEST_CASE("Lines that are left out are forgotten like others") {
  EventRing ring("x", Bytes{3 * kLine});
  ring.record(paused("a"));
  for (int i = 0; i < 1000; ++i) ring.drop(paused("a"));
  ring.record(paused("a"));
  EventCursor cursor(0);
  const auto read = lines(cursor.read(ring, kRoom));
  REQUIRE(read.size() == 2);
  CHECK(read[0]["from_seq"] == 1);
  CHECK(read[0]["to_seq"] == 1001);
  CHECK(read[1]["seq"] == 1002);
}

TEST_CASE("One line that is larger than the bound is kept") {
  EventRing ring("x", Bytes{1});
  ring.record(paused("a"));
  ring.record(paused("a"));
  EventCursor cursor(1);
  CHECK(numbers(cursor.read(ring, kRoom)) == std::vector{2});
}

TEST_CASE("The lines of one task are those about it, its runs and what ends them") {
  EventRing ring("x");
  ring.record({WallTime{}, RunnerStopping{"done"}});
  ring.record(paused("a"));
  ring.record(paused("b"));
  ring.record({WallTime{}, RunSkipped{RunRef{task("b"), {}, 1, Trigger::manual, {}}}});
  KillSent kill;
  kill.of = task("b");
  kill.stage = "stop";
  kill.signal = 15;
  ring.record({WallTime{}, kill});
  EventCursor cursor(0, "b");
  CHECK(numbers(cursor.read(ring, kRoom)) == std::vector{3, 4, 5});
  ring.record(paused("a"));
  CHECK(cursor.read(ring, kRoom) == "");
}

TEST_CASE("Who listens is told of each line") {
  EventRing ring("x");
  int told = 0;
  ring.on_record([&] { ++told; });
  ring.record(paused("a"));
  ring.record(paused("a"));
  CHECK(told == 2);
}

}  // namespace
}  // namespace taskrun::control
