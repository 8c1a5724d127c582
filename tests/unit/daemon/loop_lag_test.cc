// How late the loop has been, with made-up time.

#include "daemon/loop_lag.h"

#include <chrono>

#include <doctest/doctest.h>

#include "base/limits.h"

using namespace taskrun;
using namespace std::chrono_literals;
using daemon::LoopLag;

namespace {

MonoTime at(Nanos since_boot) { return MonoTime(since_boot); }

}  // namespace

TEST_CASE("a loop that has nothing to do is not late, however long that lasts") {
  LoopLag lag;
  CHECK(lag.worst(at(1h)) == 0s);
  lag.turn_began(at(1h));
  lag.turn_ended(at(1h), std::nullopt);
  CHECK(lag.worst(at(9h)) == 0s);
}

TEST_CASE("a deadline that is answered late is remembered, and for how long") {
  LoopLag lag;
  lag.turn_ended(at(100s), 10s);
  CHECK(lag.worst(at(109s)) == 0s);
  lag.turn_began(at(117s));
  lag.turn_ended(at(117s), std::nullopt);
  CHECK(lag.worst(at(117s)) == 7s);
  CHECK(lag.worst(at(117s) + limits::kLoopLagRemembered) == 7s);
  CHECK(lag.worst(at(117s) + 2 * limits::kLoopLagRemembered) == 0s);
}

TEST_CASE("an earlier turn takes nothing from what is due later") {
  LoopLag lag;
  lag.turn_ended(at(100s), 10s);
  lag.turn_began(at(101s));
  lag.turn_ended(at(101s), 9s);
  lag.turn_began(at(110s));
  lag.turn_ended(at(110s), 1s);
  CHECK(lag.worst(at(111s)) == 0s);
}

TEST_CASE("a turn that goes on with what came of it counts from its beginning") {
  LoopLag lag;
  lag.turn_began(at(100s));
  lag.turn_began(at(106s));
  lag.turn_ended(at(107s), std::nullopt);
  CHECK(lag.worst(at(107s)) == 7s);
}

TEST_CASE("a turn that takes long is lag, too") {
  LoopLag lag;
  lag.turn_began(at(100s));
  lag.turn_ended(at(106s), std::nullopt);
  CHECK(lag.worst(at(106s)) == 6s);
}

TEST_CASE("a deadline that is overdue counts while it is") {
  LoopLag lag;
  lag.turn_ended(at(100s), 10s);
  CHECK(lag.worst(at(116s)) == 6s);
}

TEST_CASE("the worst of what is remembered is told, and a lesser one once that is forgotten") {
  LoopLag lag;
  const auto late = [&](Nanos when, Nanos by) {
    lag.turn_ended(at(when - by), Nanos::zero());
    lag.turn_began(at(when));
    lag.turn_ended(at(when), std::nullopt);
  };
  late(100s, 9s);
  late(100s + limits::kLoopLagRemembered, 2s);
  CHECK(lag.worst(at(100s + limits::kLoopLagRemembered)) == 9s);
  CHECK(lag.worst(at(100s + 2 * limits::kLoopLagRemembered)) == 2s);
  late(100s + 2 * limits::kLoopLagRemembered, 1s);
  CHECK(lag.worst(at(100s + 2 * limits::kLoopLagRemembered)) == 2s);
  late(100s + 3 * limits::kLoopLagRemembered, 0s);
  CHECK(lag.worst(at(100s + 3 * limits::kLoopLagRemembered)) == 1s);
}
