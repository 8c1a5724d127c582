#include "sys/proc.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/pidfd.h"

namespace taskrun::sys {
namespace {

// A child that waits to be ended, and is ended and reaped with its owner.
class Sleeper {
 public:
  Sleeper() : pid_(fork()) {
    if (pid_ == 0) {
      for (;;) pause();
    }
  }
  ~Sleeper() { end(); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_;
};

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

TEST_CASE("a stat line is read from its end, because a program names itself") {
  const auto stat = parse_stat(
      "4242 (a) R 1 (b) S 17 4240 4239 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654321 8192 128 18446744073709551615");
  REQUIRE(stat);
  CHECK(stat->pid == 4242);
  CHECK(stat->state == 'S');
  CHECK(stat->parent == 17);
  CHECK(stat->group == 4240);
  CHECK(stat->session == 4239);
  CHECK(stat->started == 987654321);
  CHECK_FALSE(has_ended(*stat));
  for (const char* wrong : {"", "1", "1 (", "1 (x)", "1 (x) S", "1 (x) S 1 2 3", "x (x) S 1 2 3"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_stat(wrong));
  }
}

TEST_CASE("the stat of a process tells who it is") {
  const BootTime before = read_clocks().boot;
  Sleeper sleeper;
  const auto stat = read_stat(sleeper.pid());
  REQUIRE(stat);
  CHECK(stat->parent == getpid());
  CHECK(stat->group == getpgrp());
  CHECK(stat->session == getsid(0));
  CHECK(stat->started >= ticks_since_boot(before));
  CHECK(stat->started <= ticks_since_boot(read_clocks().boot));
  const pid_t pid = sleeper.pid();
  sleeper.end();
  CHECK_FALSE(read_stat(pid));
}

TEST_CASE("a process that has ended and is not reaped is told apart") {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  siginfo_t ended{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) == 0);
  const auto stat = read_stat(pid);
  REQUIRE(stat);
  CHECK(has_ended(*stat));
  waitpid(pid, nullptr, 0);
}

TEST_CASE("the children of a process are listed, ours also from the open file") {
  auto own = OwnChildren::make();
  REQUIRE(own);
  const auto none = own->list();
  Sleeper first, second;
  for (const auto& pids : {own->list(), children_of(getpid())}) {
    CHECK(pids.size() == none.size() + 2);
    CHECK(contains(pids, first.pid()));
    CHECK(contains(pids, second.pid()));
  }
  first.end();
  CHECK_FALSE(contains(own->list(), first.pid()));
  CHECK(contains(own->list(), second.pid()));
  CHECK(children_of(second.pid()).empty());
}

TEST_CASE("more children than one page tells are all listed") {
  std::vector<Sleeper> sleepers(1000);
  auto own = OwnChildren::make();
  REQUIRE(own);
  const auto& pids = own->list();
  CHECK(std::all_of(sleepers.begin(), sleepers.end(), [&](const Sleeper& s) { return contains(pids, s.pid()); }));
}

TEST_CASE("a variable is found by its whole name") {
  const std::string environment("NAMES=1\0NAME=va=lue\0EMPTY=\0odd\0", 32);
  CHECK(find_variable(environment, "NAME") == "va=lue");
  CHECK(find_variable(environment, "EMPTY") == "");
  CHECK_FALSE(find_variable(environment, "NAM"));
  CHECK_FALSE(find_variable(environment, "odd"));
  CHECK_FALSE(find_variable("", "NAME"));
  CHECK(find_variable("LAST=no end", "LAST") == "no end");
}

TEST_CASE("the environment of a process is what it was started with") {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ready[1], 1);
    execle("/bin/sh", "sh", "-c", "echo up; kill -STOP $$", nullptr,
           std::to_array<const char*>({"COLOUR=blue", nullptr}).data());
    _exit(127);
  }
  char buffer[3];
  REQUIRE(read(ready[0], buffer, sizeof buffer) == 3);
  const auto environment = read_environment(pid);
  REQUIRE(environment);
  CHECK(find_variable(*environment, "COLOUR") == "blue");

  struct stat status{};
  REQUIRE(fstat(ready[1], &status) == 0);
  const auto pipes = open_pipes(pid);
  CHECK(std::find(pipes.begin(), pipes.end(), status.st_ino) != pipes.end());
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a held process is signalled while it lives, and nobody after") {
  Sleeper sleeper;
  const Fd held = hold_process(sleeper.pid()).value();
  CHECK(send_signal(held.get(), SIGCONT));
  const pid_t pid = sleeper.pid();
  sleeper.end();
  CHECK_FALSE(send_signal(held.get(), SIGCONT));
  CHECK(hold_process(pid).error().code == ESRCH);
}

}  // namespace
}  // namespace taskrun::sys
