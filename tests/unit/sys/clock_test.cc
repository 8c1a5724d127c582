#include "sys/clock.h"

#include <doctest/doctest.h>
#include <poll.h>

namespace taskrun::sys {
namespace {

using namespace std::chrono_literals;

bool becomes_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, 60'000) == 1;
}

TEST_CASE("the steady clocks do not go back, and the boot clock counts at least what the monotonic does") {
  const Now first = read_clocks();
  const Now second = read_clocks();
  CHECK(second.boot >= first.boot);
  CHECK(second.mono >= first.mono);
  CHECK(first.boot.time_since_epoch() + 1s >= first.mono.time_since_epoch());
}

TEST_CASE("a boot timer fires at its moment, not before") {
  BootTimer timer = BootTimer::make().value();
  const BootTime due = read_clocks().boot + 3ms;
  timer.arm(due);
  CHECK(becomes_readable(timer.fd()));
  CHECK(read_clocks().boot >= due);
  CHECK(timer.consume());
  CHECK_FALSE(timer.consume());
}

TEST_CASE("a moment that has passed fires at once, also one before all time") {
  BootTimer timer = BootTimer::make().value();
  for (const BootTime past : {read_clocks().boot - 1s, BootTime{}, BootTime(-5s)}) {
    timer.arm(past);
    CHECK(becomes_readable(timer.fd()));
    CHECK(timer.consume());
  }
}

TEST_CASE("a boot timer keeps the earlier of two moments, and can be armed for a later one once it has fired") {
  BootTimer timer = BootTimer::make().value();
  const BootTime soon = read_clocks().boot + 2ms;
  timer.arm(soon + 1h);
  timer.arm(soon);
  timer.arm(soon + 1h);
  CHECK(becomes_readable(timer.fd()));
  CHECK(timer.consume());
  const BootTime again = read_clocks().boot + 2ms;
  timer.arm(again);
  CHECK(becomes_readable(timer.fd()));
  CHECK(read_clocks().boot >= again);
}

TEST_CASE("a disarmed timer takes back what it had fired") {
  BootTimer timer = BootTimer::make().value();
  timer.arm(read_clocks().boot);
  REQUIRE(becomes_readable(timer.fd()));
  timer.disarm();
  CHECK_FALSE(timer.consume());
}

TEST_CASE("a wall timer fires at its moment, and one that only watches the clock does not") {
  WallTimer timer = WallTimer::make().value();
  timer.watch_clock();
  CHECK(timer.consume() == WallTimer::Fired::nothing);
  timer.arm(read_clocks().wall + 2ms);
  CHECK(becomes_readable(timer.fd()));
  CHECK(timer.consume() == WallTimer::Fired::due);
  CHECK(timer.consume() == WallTimer::Fired::nothing);
}

}  // namespace
}  // namespace taskrun::sys
