// Ending an attempt with all its processes (fault rows C1 to C4, C13), under each policy for leftovers. Every World
// checks at its end that no child is left.

#include <csignal>

#include <doctest/doctest.h>

#include "world.h"

namespace taskrun::process {
namespace {

Launch leaving(Launch launch, Leftovers leftovers) {
  launch.leftovers = leftovers;
  return launch;
}

// Started, and known to be where its word says.
AttemptId start_until_ready(World& world, Launch launch, const std::string& word) {
  launch.tee = true;
  const AttemptId id = world.start(launch);
  world.run_until_written(id, word);
  return id;
}

void run_until_only_a_leftover(World& world, AttemptId id) {
  world.run_until([&] {
    const std::vector<pid_t> pids = living_children();
    return pids.size() == 1 && pids[0] != world.pid_of(id);
  });
}

UNDER_BOTH("a daemon left behind is killed at the end and counted, however it hid") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (const char* kind : {"plain", "bare", "stubborn"}) {
    CAPTURE(kind);
    const AttemptReport report = world.run(nasty({"daemon", kind, "60", "5"}));
    CHECK(report.exit.exit_code == 5);
    CHECK(report.leftovers_killed == 1);
    CHECK(report.output_complete);
    CHECK(report.survivors.empty());
    CHECK(living_children().empty());
  }
  const AttemptReport loud = world.run(nasty({"daemon", "loud"}));
  CHECK(loud.leftovers_killed == 1);
  CHECK_FALSE(loud.output_complete);
}

UNDER_BOTH("a stop reaches a daemon too") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (const char* kind : {"plain", "bare"}) {
    CAPTURE(kind);
    const AttemptId id = start_until_ready(world, nasty({"daemon", kind, "60", "stay"}), "daemon is up\n");
    world.runner().stop(id, SIGTERM);
    world.run_until_ended(id);
    CHECK(world.report(id).exit.signal == SIGTERM);
    CHECK(world.report(id).leftovers_killed == 1);
    CHECK(living_children().empty());
  }
}

UNDER_BOTH("after a stop a stubborn daemon keeps its grace, and goes with the kill") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const char* text = "(setsid sh -c 'trap \"\" TERM; echo deaf; exec sleep 60' &); exec sleep 60";
  const AttemptId id = start_until_ready(world, shell(text), "deaf\n");
  world.runner().stop(id, SIGTERM);
  run_until_only_a_leftover(world, id);
  CHECK_FALSE(world.has_ended(id));
  world.runner().kill(id);
  world.run_until_ended(id);
  CHECK(world.report(id).exit.signal == SIGTERM);
  CHECK(world.report(id).leftovers_killed == 1);
}

UNDER_BOTH("one that ignores the stop signal is ended by the kill, and is no leftover") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptId id = start_until_ready(world, nasty({"ignore-term"}), "ready\n");
  world.runner().stop(id, SIGTERM);
  world.loop().restart();
  world.loop().poll();
  CHECK_FALSE(world.has_ended(id));
  world.runner().kill(id);
  world.run_until_ended(id);
  CHECK(world.report(id).exit == ExitStatus{{}, SIGKILL, false});
  CHECK(world.report(id).leftovers_killed == 0);
  CHECK(world.report(id).output_complete);
}

UNDER_BOTH("the stop signal is followed by SIGCONT, so that a stopped task hears it") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptId id = world.start(nasty({"stop-self"}));
  world.run_until([&] { return sys::read_stat(world.pid_of(id))->state == 'T'; });
  world.runner().stop(id, SIGTERM);
  world.run_until_ended(id);
  CHECK(world.report(id).exit.signal == SIGTERM);
  const AttemptId killed = world.start(nasty({"stop-self"}));
  world.run_until([&] { return sys::read_stat(world.pid_of(killed))->state == 'T'; });
  world.runner().kill(killed);
  world.run_until_ended(killed);
  CHECK(world.report(killed).exit.signal == SIGKILL);
}

UNDER_BOTH("each process gets the stop signal once, and any signal may be it") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptId id = start_until_ready(world, nasty({"signals"}), "ready\n");
  world.runner().stop(id, SIGUSR1);
  world.run_until_ended(id);
  CHECK(world.report(id).stdout_tail == "ready\nUSR1\n");
}

UNDER_BOTH("a whole tree in many sessions goes, at a kill and at the end") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptId id = world.start(nasty({"tree", "3", "3"}));
  world.run_until([&] { return sys::children_of(world.pid_of(id)).size() == 3; });
  world.runner().kill(id);
  world.run_until_ended(id);
  CHECK(world.report(id).exit.signal == SIGKILL);
  CHECK(world.report(id).survivors.empty());
}

UNDER_BOTH("a chain that forks faster than it can be looked at is ended") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report = world.run(nasty({"chain", "3000"}));
  CHECK(report.exit.exit_code == 0);
  CHECK(report.survivors.empty());
}

UNDER_BOTH("a link that ends between being listed and being looked at does not hide the next") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const AttemptReport report = world.run(nasty({"chain", "400", "10"}));
    CHECK(report.survivors.empty());
    REQUIRE(living_children().empty());
  }
}

UNDER_BOTH("ten thousand children that nobody waited for are reaped") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report = world.run(nasty({"orphans", "10000"}));
  CHECK(report.exit.exit_code == 0);
  CHECK(report.leftovers_killed == 0);
  // Those that came to us as the last are reaped in later turns.
  world.run_until([] { return sys::children_of(getpid()).empty(); });
}

UNDER_BOTH("with `wait` the attempt lasts until all have ended, and its output is whole") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report =
      world.run(leaving(shell("(sleep 0.2; echo late) & echo early; exit 4"), Leftovers::wait));
  CHECK(report.exit.exit_code == 4);
  CHECK(report.stdout_tail == "early\nlate\n");
  CHECK(report.output_complete);
  CHECK(report.leftovers_killed == 0);
}

UNDER_BOTH("with `wait` a stop and a kill end what is waited for") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (const bool stubborn : {false, true}) {
    CAPTURE(stubborn);
    const Launch launch = nasty({"daemon", stubborn ? "stubborn" : "plain"});
    const AttemptId id = world.start(leaving(launch, Leftovers::wait));
    run_until_only_a_leftover(world, id);
    world.runner().stop(id, SIGTERM);
    if (stubborn) world.runner().kill(id);
    world.run_until_ended(id);
    CHECK(world.report(id).exit.exit_code == 0);
    CHECK(world.report(id).leftovers_killed == 1);
  }
}

UNDER_BOTH("with `leave` the attempt ends with its main process, and the rest lives on") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (const char* kind : {"plain", "bare"}) {
    CAPTURE(kind);
    const AttemptReport report = world.run(leaving(nasty({"daemon", kind}), Leftovers::leave));
    CHECK(report.exit.exit_code == 0);
    CHECK(report.leftovers_killed == 0);
    REQUIRE(living_children().size() == 1);
    // Attempts that come and go beside it do not touch it.
    CHECK(world.run(nasty({"daemon", "plain"})).leftovers_killed == 1);
    REQUIRE(living_children().size() == 1);
    kill(living_children()[0], SIGKILL);
    world.run_until([] { return sys::children_of(getpid()).empty(); });
  }
}

UNDER_BOTH("with `leave` a stop ends the main process and what is below it, not what has escaped") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const Launch launch = leaving(nasty({"daemon", "plain", "60", "stay"}), Leftovers::leave);
  const AttemptId id = start_until_ready(world, launch, "daemon is up\n");
  world.runner().stop(id, SIGTERM);
  world.run_until_ended(id);
  CHECK(world.report(id).exit.signal == SIGTERM);
  CHECK(world.report(id).leftovers_killed == 0);
  REQUIRE(living_children().size() == 1);
  kill(living_children()[0], SIGKILL);
  world.run_until([] { return sys::children_of(getpid()).empty(); });
}

UNDER_BOTH("attempts side by side end each with its own processes only") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptId first = start_until_ready(world, nasty({"daemon", "plain", "60", "stay"}), "daemon is up\n");
  const AttemptId second = start_until_ready(world, nasty({"daemon", "loud", "60", "stay"}), "daemon is up\n");
  world.runner().kill(first);
  world.run_until_ended(first);
  CHECK(world.report(first).leftovers_killed == 1);
  CHECK(living_children().size() == 2);
  world.runner().kill(second);
  world.run_until_ended(second);
  CHECK(world.report(second).leftovers_killed == 1);
}

UNDER_BOTH("what is unknown or has ended may be stopped and killed without harm") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  world.runner().stop(AttemptId{4711}, SIGTERM);
  world.runner().kill(AttemptId{4711});
  const AttemptId id = world.start(shell("exit 0"));
  world.run_until_ended(id);
  world.runner().stop(id, SIGTERM);
  world.runner().kill(id);
  world.loop().restart();
  world.loop().poll();
}

UNDER_BOTH("the end of a runner ends what still runs") {
  {
    World world(Kind::kChoice);
    if (!world.is_available()) return;
    world.start(nasty({"sleep"}));
    start_until_ready(world, nasty({"daemon", "plain", "60", "stay"}), "daemon is up\n");
    world.expect_running_at_end();
  }
  CHECK(sys::children_of(getpid()).empty());
}

TEST_CASE("under a subreaper an orphan without any mark ends with the last attempt that was alive when it was born") {
  World world(ContainmentChoice::subreaper);
  const AttemptId beside = world.start(nasty({"sleep"}));
  const AttemptReport report = world.run(nasty({"daemon", "bare"}));
  CHECK(report.exit.exit_code == 0);
  CHECK(report.leftovers_killed == 0);
  CHECK(living_children().size() == 2);
  world.runner().kill(beside);
  world.run_until_ended(beside);
  CHECK(world.report(beside).leftovers_killed == 1);
}

}  // namespace
}  // namespace taskrun::process
