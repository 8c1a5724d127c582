// The keeper, on real processes: each test splits a child of the test in two and looks on as its parent and subreaper,
// so that nothing can get away unseen (fault row R1).

#include "process/keeper.h"

#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/containment.h"
#include "sys/cgroup.h"
#include "sys/proc.h"
#include "sys/signals.h"

namespace taskrun::process {
namespace {

// A keeper and its daemon, started by the test; the daemon tells things through a pipe.
class Kept {
 public:
  // `daemon(tell, keeper)` runs in the daemon; `before` in the process that becomes the keeper.
  template <class Daemon, class Before>
  Kept(Daemon daemon, Before before) {
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    sys::Pipe pipe = sys::make_pipe().value();
    keeper_ = fork();
    if (keeper_ == 0) {
      sys::reset_signals();
      before();
      const int tell = pipe.write.get();
      const auto code = run_kept([&](sys::Fd keeper) { return daemon(tell, std::move(keeper)); });
      _exit(code.value_or(70));
    }
    told_ = std::move(pipe.read);
  }
  template <class Daemon>
  explicit Kept(Daemon daemon) : Kept(daemon, [] {}) {}

  // Every process of the test has ended.
  ~Kept() { CHECK(waitpid(-1, nullptr, 0) == -1); }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  [[nodiscard]] pid_t keeper() const { return keeper_; }
  // The next number that the daemon tells.
  pid_t hear() {
    pid_t number = 0;
    REQUIRE(read(told_.get(), &number, sizeof number) == sizeof number);
    return number;
  }
  // Waits for the keeper's end.
  int status() {
    int status = 0;
    REQUIRE(waitpid(keeper_, &status, 0) == keeper_);
    return status;
  }
  int exit_code() {
    const int result = status();
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
  }

 private:
  pid_t keeper_ = 0;
  sys::Fd told_;
};

void tell(int pipe, pid_t number) {
  if (write(pipe, &number, sizeof number) < 0) _exit(99);
}

// A process with a session of its own, whose parent is gone: what a task leaves behind. Its number has been told when
// this returns.
void leave_daemon(int pipe) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const pid_t daemon = fork();
    if (daemon == 0) {
      for (;;) pause();
    }
    tell(pipe, daemon);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}

[[noreturn]] void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  raise(signal);
  _exit(98);
}

TEST_CASE("the keeper exits as its daemon did") {
  for (const int code : {0, 1, 74, 255}) {
    CHECK(Kept([&](int, sys::Fd) { return code; }).exit_code() == code);
  }
}

TEST_CASE("a daemon that is killed takes every process it left with it") {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (const int signal : {SIGKILL, SIGSEGV, SIGABRT}) {
    Kept kept([&](int pipe, sys::Fd) -> int {
      for (int i = 0; i < 5; ++i) leave_daemon(pipe);
      const pid_t child = fork();
      if (child == 0) {
        setsid();
        for (;;) pause();
      }
      while (getsid(child) != child) sched_yield();  // until then it counts as somebody else's
      end_by(signal);
    });
    CHECK(kept.exit_code() == 128 + signal);
  }
}

TEST_CASE("a daemon that exits before its work is done takes every process it left with it, whatever its exit code") {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (const int code : {0, 1}) {
    Kept kept([&](int pipe, sys::Fd) -> int {
      leave_daemon(pipe);
      _exit(code);
    });
    CHECK(kept.exit_code() == code);
  }
}

TEST_CASE("what a daemon leaves that has done its work lives on") {
  Kept kept([](int pipe, sys::Fd) {
    leave_daemon(pipe);
    return 3;
  });
  const pid_t left = kept.hear();
  CHECK(kept.exit_code() == 3);
  const auto stat = sys::read_stat(left);
  REQUIRE(stat);
  CHECK_FALSE(sys::has_ended(*stat));
  kill(left, SIGKILL);
  CHECK(waitpid(left, nullptr, 0) == left);
}

TEST_CASE("a cgroup base that the daemon leaves is cleared away, whatever is in it") {
  Kept kept([](int pipe, sys::Fd) -> int {
    auto containment = choose_containment(ContainmentChoice::cgroup);
    if (!containment) {
      tell(pipe, 0);
      return 0;
    }
    auto cell = (*containment)->make_cell({}, {}).value();
    const pid_t inside = fork();
    if (inside == 0) {
      const sys::Fd procs(openat(cell->cgroup(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
      if (!sys::write_all(procs.get(), "0")) _exit(99);
      setsid();
      tell(pipe, getpid());
      for (;;) pause();
    }
    for (;;) pause();
  });
  const pid_t inside = kept.hear();
  if (inside == 0) {
    MESSAGE("not checked, no cgroup v2 to write to");
    CHECK(kept.exit_code() == 0);
    return;
  }
  const pid_t daemon = sys::read_stat(inside)->parent;
  const std::string group = sys::find_own_cgroup().value() + "/taskrun-" + std::to_string(daemon) + "-" +
                            std::to_string(sys::read_stat(daemon)->started);
  CHECK(access(group.c_str(), F_OK) == 0);
  kill(daemon, SIGKILL);
  CHECK(kept.exit_code() == 128 + SIGKILL);
  CHECK(access(group.c_str(), F_OK) == -1);
}

TEST_CASE("the cgroup base of a dead daemon is cleared away by the next one, also while nobody has reaped it") {
  const sys::Pipe told = sys::make_pipe().value();
  const auto daemon = [&](bool waits) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    const auto containment = choose_containment(ContainmentChoice::cgroup);
    tell(told.write.get(), containment ? 1 : 0);
    while (waits) pause();
    _exit(0);
  };
  const auto hear = [&] {
    pid_t number = 0;
    REQUIRE(read(told.read.get(), &number, sizeof number) == sizeof number);
    return number;
  };
  const pid_t dead = daemon(true);
  const bool has_cgroup = hear() == 1;
  const std::uint64_t started = sys::read_stat(dead)->started;
  kill(dead, SIGKILL);
  siginfo_t ended{};
  CHECK(waitid(P_PID, static_cast<id_t>(dead), &ended, WEXITED | WNOWAIT) == 0);
  if (has_cgroup) {
    const std::string group =
        sys::find_own_cgroup().value() + "/taskrun-" + std::to_string(dead) + "-" + std::to_string(started);
    CHECK(access(group.c_str(), F_OK) == 0);
    const pid_t next = daemon(false);
    CHECK(hear() == 1);
    CHECK(waitpid(next, nullptr, 0) == next);
    CHECK(access(group.c_str(), F_OK) == -1);
  } else {
    MESSAGE("not checked, no cgroup v2 to write to");
  }
  CHECK(waitpid(dead, nullptr, 0) == dead);
}

TEST_CASE("each forwarded signal reaches the daemon, and two of a kind at once reach it as one") {
  Kept kept([](int pipe, sys::Fd) {
    auto signals = sys::SignalReader::make({SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}).value();
    tell(pipe, getpid());
    for (;;) {
      pollfd entry{signals.fd(), POLLIN, 0};
      poll(&entry, 1, -1);
      while (const auto next = signals.next()) {
        tell(pipe, next->signal);
        if (next->signal == SIGUSR2) return 0;
      }
    }
  });
  CHECK(kept.hear() != kept.keeper());
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
    kill(kept.keeper(), signal);
    kill(kept.keeper(), signal);
    CHECK(kept.hear() == signal);
  }
  kill(kept.keeper(), SIGUSR2);
  CHECK(kept.hear() == SIGUSR2);
  CHECK(kept.exit_code() == 0);
}

TEST_CASE("a signal that was ignored before stays so") {
  Kept kept(
      [](int pipe, sys::Fd) {
        auto signals = sys::SignalReader::make({SIGTERM, SIGHUP}).value();
        tell(pipe, 1);
        pollfd entry{signals.fd(), POLLIN, 0};
        poll(&entry, 1, -1);
        return signals.next()->signal;
      },
      [] { sys::ignore_signals({SIGHUP}); });
  kept.hear();
  kill(kept.keeper(), SIGHUP);
  kill(kept.keeper(), SIGTERM);
  CHECK(kept.exit_code() == SIGTERM);
}

TEST_CASE("the daemon has a process group of its own, in the same session") {
  Kept kept([](int pipe, sys::Fd) {
    tell(pipe, getpgrp() == getpid() ? 1 : 0);
    tell(pipe, getsid(0));
    return 0;
  });
  CHECK(kept.hear() == 1);
  CHECK(kept.hear() == getsid(0));
  CHECK(kept.exit_code() == 0);
}

TEST_CASE("the daemon learns of the keeper's death, however many processes it has started") {
  Kept kept([](int pipe, sys::Fd keeper) {
    leave_daemon(pipe);
    tell(pipe, getpid());
    pollfd entry{keeper.get(), POLLIN, 0};
    poll(&entry, 1, -1);
    char nothing = 0;
    tell(pipe, read(keeper.get(), &nothing, 1) == 0 ? 1 : 0);
    return 0;
  });
  const pid_t left = kept.hear();
  const pid_t daemon = kept.hear();
  kill(kept.keeper(), SIGKILL);
  CHECK(kept.hear() == 1);
  CHECK(WTERMSIG(kept.status()) == SIGKILL);
  CHECK(waitpid(daemon, nullptr, 0) == daemon);
  kill(left, SIGKILL);
  CHECK(waitpid(left, nullptr, 0) == left);
}

TEST_CASE("a child that the keeper's program had before is none of its business") {
  Kept kept(
      [](int pipe, sys::Fd) -> int {
        leave_daemon(pipe);
        end_by(SIGKILL);
      },
      [] {
        if (fork() == 0) {
          setsid();
          for (;;) pause();
        }
      });
  kept.hear();
  CHECK(kept.exit_code() == 128 + SIGKILL);
  const std::vector<pid_t> left = sys::children_of(getpid());
  REQUIRE(left.size() == 1);
  kill(left[0], SIGKILL);
  CHECK(waitpid(left[0], nullptr, 0) == left[0]);
}

TEST_CASE("the keeper reaps orphans while its daemon lives") {
  Kept kept([](int pipe, sys::Fd) -> int {
    leave_daemon(pipe);
    tell(pipe, getpid());
    for (;;) pause();
  });
  const pid_t orphan = kept.hear();
  const pid_t daemon = kept.hear();
  CHECK(sys::read_stat(orphan)->parent == kept.keeper());
  kill(orphan, SIGKILL);
  while (sys::read_stat(orphan)) sched_yield();
  kill(daemon, SIGKILL);
  CHECK(kept.exit_code() == 128 + SIGKILL);
}

// Runs `body` as process 1 of a PID namespace, with or without a /proc of its own.
template <class Body>
int as_first_process(bool mounts_proc, Body body) {
  const pid_t outer = fork();
  if (outer == 0) {
    if (unshare(CLONE_NEWPID | (mounts_proc ? CLONE_NEWNS : 0)) != 0) _exit(97);
    const pid_t first = fork();
    if (first == 0) {
      if (mounts_proc) {
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        mount("proc", "/proc", "proc", 0, nullptr);
      }
      _exit(body());
    }
    int status = 0;
    waitpid(first, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 96);
  }
  int status = 0;
  waitpid(outer, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("the keeper may be process 1, also where nobody mounted /proc for it") {
  if (geteuid() != 0) {
    MESSAGE("not checked: only root may make a PID namespace");
    return;
  }
  for (const bool mounts_proc : {true, false}) {
    CAPTURE(mounts_proc);
    CHECK(as_first_process(mounts_proc, [] {
            if (getpid() != 1) return 95;
            sys::Pipe pipe = sys::make_pipe().value();
            const auto code = run_kept([&](sys::Fd) -> int {
              auto containment = choose_containment(ContainmentChoice::subreaper);
              if (!containment) return 94;
              leave_daemon(pipe.write.get());
              if (sys::children_of(getpid()).size() != 1) return 93;
              end_by(SIGKILL);
            });
            // The daemon is gone, and all below it: nobody but us is left in the namespace.
            return kill(-1, 0) == -1 && errno == ESRCH ? code.value_or(92) : 91;
          }) == 128 + SIGKILL);
  }
}

}  // namespace
}  // namespace taskrun::process
