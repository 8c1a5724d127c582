#include "tasks/cleanup_plan.h"

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::tasks;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow{Nanos(1'700'000'000s)};

// Files "a", "b", "c" … of these ages in hours, each of 10 bytes.
std::vector<Candidate> files(std::initializer_list<int> ages) {
  std::vector<Candidate> out;
  for (const int age : ages) {
    const char name = static_cast<char>('a' + out.size());
    out.push_back({.directory = "", .name = {name}, .size = Bytes{10}, .modified = kNow - std::chrono::hours(age)});
  }
  return out;
}

// The names that go, in order.
std::string gone(std::initializer_list<int> ages, const Criteria& criteria) {
  std::string names;
  for (const Candidate& candidate : choose(files(ages), criteria, kNow)) names += candidate.name;
  return names;
}

}  // namespace

TEST_CASE("by age: what is older goes, what is exactly as old stays") {
  CHECK(gone({1, 5, 3, 9}, {.older_than = 3h}) == "bd");
  CHECK(gone({1, 5}, {.older_than = 9h}) == "");
  CHECK(gone({}, {.older_than = 1h}) == "");
  CHECK(gone({0, -5}, {.older_than = 0h}) == "");
}

TEST_CASE("by count: all but the newest go") {
  CHECK(gone({1, 5, 3, 9}, {.keep_newest = 2}) == "bd");
  CHECK(gone({1, 5, 3, 9}, {.keep_newest = 0}) == "abcd");
  CHECK(gone({1, 5}, {.keep_newest = 2}) == "");
  CHECK(gone({1, 5}, {.keep_newest = 100}) == "");
}

TEST_CASE("by total size: the oldest go until the rest fits") {
  CHECK(gone({1, 5, 3, 9}, {.max_total_size = Bytes{40}}) == "");
  CHECK(gone({1, 5, 3, 9}, {.max_total_size = Bytes{39}}) == "d");
  CHECK(gone({1, 5, 3, 9}, {.max_total_size = Bytes{20}}) == "bd");
  CHECK(gone({1, 5, 3, 9}, {.max_total_size = Bytes{0}}) == "abcd");
}

TEST_CASE("age and size together: what either wants gone goes") {
  CHECK(gone({1, 5, 3, 9}, {.older_than = 4h, .max_total_size = Bytes{30}}) == "bd");
  CHECK(gone({1, 5, 3, 9}, {.older_than = 8h, .max_total_size = Bytes{20}}) == "bd");
}

TEST_CASE("the newest are protected from age and size") {
  CHECK(gone({6, 5, 7, 9}, {.older_than = 1h, .keep_newest = 2}) == "cd");
  CHECK(gone({6, 5, 7, 9}, {.max_total_size = Bytes{0}, .keep_newest = 3}) == "d");
  CHECK(gone({1, 5, 3, 9}, {.older_than = 4h, .keep_newest = 1}) == "bd");
}

TEST_CASE("files of one moment are told apart by path, so that two runs agree") {
  CHECK(gone({4, 4, 4}, {.keep_newest = 2}) == "c");
}

TEST_CASE("what goes comes by directory and name") {
  std::vector<Candidate> found = files({9, 8, 7});
  found[0].directory = "z";
  found[2].directory = "m";
  const auto chosen = choose(found, {.keep_newest = 0}, kNow);
  REQUIRE(chosen.size() == 3);
  CHECK(chosen[0].name == "b");
  CHECK(chosen[1].name == "c");
  CHECK(chosen[2].name == "a");
}
