// What a task gets from the runner, and what it does not: descriptors, signals, session, limits, user.

#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fd.h"
#include "tests/support/temporary_directory.h"
#include "world.h"

namespace taskrun::process {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

bool may_change_user() {
  if (geteuid() != 0) MESSAGE("not checked: only root may start tasks of other users");
  return geteuid() == 0;
}

UNDER_BOTH("a task has the descriptors 0, 1 and 2, and 3 where it may give a result, also with eight starts at once") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  // As if our parent had left one open that is not marked.
  const sys::Fd stray(dup2(0, 63));
  std::vector<AttemptId> attempts;
  for (int i = 0; i < 8; ++i) {
    Launch launch = nasty({"descriptors"});
    launch.result = i % 2 == 1;
    attempts.push_back(world.start(launch));
  }
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    world.run_until_ended(attempts[i]);
    CHECK(world.report(attempts[i]).stdout_tail == (i % 2 == 1 ? "0 1 2 3\n" : "0 1 2\n"));
  }
}

UNDER_BOTH("a task without output has the same descriptors") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = nasty({"descriptors"});
  launch.argv = {"/bin/sh", "-c", "exec \"$0\" descriptors >&3", launch.argv.front()};
  launch.output.mode = OutputMode::none;
  launch.result = true;
  CHECK(world.run(launch).result == "0 1 2 3\n");
}

UNDER_BOTH("a task begins with no signal blocked or ignored, leads a session and has no terminal") {
  sys::ignore_signals({SIGPIPE, SIGXFSZ, SIGTTOU});
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const std::string state = world.run(nasty({"state"})).stdout_tail;
  CAPTURE(state);
  CHECK(has_line(state, "SigBlk:\t0000000000000000"));
  CHECK(has_line(state, "SigIgn:\t0000000000000000"));
  CHECK(has_line(state, "SigCgt:\t0000000000000000"));
  CHECK(has_line(state, "leads its session: yes"));
  CHECK(has_line(state, "leads its group: yes"));
  CHECK(has_line(state, "terminal: No such device or address"));
}

UNDER_BOTH("a broken pipe inside a task ends the writer without a word") {
  sys::ignore_signals({SIGPIPE});
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report = world.run(shell("yes | head -1"));
  CHECK(report.stdout_tail == "y\n");
  CHECK(report.stderr_tail.empty());
}

UNDER_BOTH("standard input is at its end, or holds the text that was given") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  CHECK(world.run(shell("cat; echo $?")).stdout_tail == "0\n");
  Launch launch = command({"cat"});
  launch.stdin_text = std::string("line\n\0more", 10);
  CHECK(world.run(launch).stdout_tail == *launch.stdin_text);
  launch.stdin_text = "";
  CHECK(world.run(launch).stdout_tail.empty());
}

UNDER_BOTH("a task runs in its directory, with its umask and its nice value") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = shell("pwd; umask; nice");
  launch.cwd = "/usr";
  launch.umask = 027;
  launch.nice = 7;
  CHECK(world.run(launch).stdout_tail == "/usr\n0027\n7\n");
}

UNDER_BOTH("a task has the limits it names, and otherwise the number of descriptors that was the runner's own") {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  World world(Kind::kChoice, RunnerSettings{64});
  if (!world.is_available()) return;
  Launch launch = shell("ulimit -Sn; ulimit -Hn");
  CHECK(world.run(launch).stdout_tail == "64\n" + std::to_string(before.rlim_max) + "\n");
  launch = shell("ulimit -n; ulimit -f; ulimit -c; ulimit -t; ulimit -Ht");
  launch.limits = {33, {}, {}, std::chrono::milliseconds(2500), Bytes{1024}, Bytes{0}};
  CHECK(world.run(launch).stdout_tail == "33\n2\n0\n3\n4\n");
  launch = nasty({"allocate", "512"});
  launch.limits.memory = mebibytes(128);
  CHECK(world.run(launch).exit != ExitStatus{0, {}, false});
}

UNDER_BOTH("a task that uses up its processor time ends by SIGXCPU") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = nasty({"spin"});
  launch.limits.cpu = std::chrono::seconds(1);
  const AttemptReport report = world.run(launch);
  CHECK(report.exit.signal == SIGXCPU);
  CHECK(report.cpu_user + report.cpu_system > std::chrono::milliseconds(500));
}

UNDER_BOTH("a task of another user has that user's groups, cannot go back, and may open its output by name") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  if (!may_change_user()) return;
  Launch launch = shell(
      "id -u; id -g; id -G; echo by name > /dev/stdout; cat /proc/self/status | grep -c CapEff:.*0000000000000000");
  launch.user = "nobody";
  launch.cwd = "/";
  launch.stdin_text = "text";
  const AttemptReport report = world.run(launch);
  CHECK(report.stderr_tail.empty());
  CHECK(report.stdout_tail == "65534\n65534\n65534\nby name\n1\n");
  launch = shell("id -u; id -g; id -G");
  launch.user = "12345";
  launch.group = "54321";
  launch.cwd = "/";
  CHECK(world.run(launch).stdout_tail == "12345\n54321\n54321\n");
  launch = shell("id -u; id -g");
  launch.group = "54321";
  CHECK(world.run(launch).stdout_tail == "0\n54321\n");
}

UNDER_BOTH("what a user may not enter or execute keeps the task from starting") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  if (!may_change_user()) return;
  const TemporaryDirectory directory;
  Launch launch = command({"/bin/true"});
  launch.user = "nobody";
  launch.cwd = directory.path();
  CHECK(world.start_failing(launch).message == "entering directory '" + directory.path() + "': Permission denied");
}

}  // namespace
}  // namespace taskrun::process
