#include "base/ids.h"

#include <algorithm>
#include <set>
#include <vector>

#include <doctest/doctest.h>

namespace taskrun {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNoon{std::chrono::sys_days{std::chrono::year(2026) / 2 / 3} + 12h};

bool is_version_7(const RunId& id) { return (id.bytes[6] >> 4) == 7 && (id.bytes[8] >> 6) == 2; }

std::uint64_t millis_of(const RunId& id) {
  std::uint64_t millis = 0;
  for (std::size_t i = 0; i < 6; ++i) millis = millis << 8 | id.bytes[i];
  return millis;
}

TEST_CASE("A run id is a UUID of version 7 that tells its time") {
  RunIdSource source(1);
  for (const WallTime time : {kNoon, kNoon + 1ms, kNoon + 1h}) {
    const RunId id = source.make(time);
    CHECK(is_version_7(id));
    CHECK(millis_of(id) == static_cast<std::uint64_t>(time.time_since_epoch() / 1ms));
  }
}

TEST_CASE("A run id is written in lower case, in groups of 8, 4, 4, 4 and 12") {
  RunId id;
  for (std::size_t i = 0; i < 16; ++i) id.bytes[i] = static_cast<std::uint8_t>(0xf0 - i * 0x0f);
  CHECK(id.text() == "f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0f");
  CHECK(RunId{}.text() == "00000000-0000-0000-0000-000000000000");
}

// 20,000 in one millisecond overflow the counter several times.
TEST_CASE("Run ids increase within a millisecond, and when the clock steps back") {
  RunIdSource source(7);
  std::vector<RunId> ids;
  for (int i = 0; i < 20'000; ++i) ids.push_back(source.make(kNoon));
  for (int i = 0; i < 1'000; ++i) ids.push_back(source.make(kNoon - i * 1h));
  ids.push_back(source.make(kNoon + 1min));
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::set<RunId>(ids.begin(), ids.end()).size() == ids.size());
  CHECK(std::all_of(ids.begin(), ids.end(), is_version_7));
  CHECK(millis_of(ids.back()) == static_cast<std::uint64_t>((kNoon + 1min).time_since_epoch() / 1ms));
}

TEST_CASE("A run id reads back from its text, and from nothing else") {
  RunIdSource source(5);
  const RunId id = source.make(kNoon);
  CHECK(parse_run_id(id.text()) == id);
  CHECK(parse_run_id("F0E1D2C3-B4A5-9687-7869-5A4B3C2D1E0F").has_value());
  for (const std::string_view wrong :
       {"", "7", "f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0", "f0e1d2c3b4a5-9687-7869-5a4b3c2d1e0f-",
        "f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0g", "------------------------------------",
        "f0e1d2c3-b4a5-9687-7869-5a4b3c2d1e0f0", "0-0000000-0000-0000-0000-000000000000"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_run_id(wrong).has_value());
  }
}

TEST_CASE("The texts of run ids sort as they do") {
  RunIdSource source(3);
  std::vector<std::string> texts;
  for (int i = 0; i < 1'000; ++i) texts.push_back(source.make(kNoon + i * 100us).text());
  CHECK(std::is_sorted(texts.begin(), texts.end()));
}

TEST_CASE("Two runners do not make the same id at the same time") {
  CHECK(RunIdSource(1).make(kNoon) != RunIdSource(2).make(kNoon));
  CHECK(RunIdSource(1).make(kNoon) == RunIdSource(1).make(kNoon));
}

TEST_CASE("A clock before 1970 is taken for 1970") {
  RunIdSource source(1);
  const RunId first = source.make(WallTime{-5h});
  CHECK(is_version_7(first));
  CHECK(millis_of(first) == 0);
  CHECK(source.make(WallTime{-4h}) > first);
}

TEST_CASE("A task's key tells apart those who had its number before") {
  CHECK(TaskKey{3, 1} == TaskKey{3, 1});
  CHECK(TaskKey{3, 1} != TaskKey{3, 2});
  CHECK(TaskKey{2, 9} < TaskKey{3, 1});
}

}  // namespace
}  // namespace taskrun
