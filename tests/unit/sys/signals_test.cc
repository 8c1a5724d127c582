#include "sys/signals.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

// Runs `body` in a process of its own, whose signals it may change; its result is the exit code.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_ignored(int signal) {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

TEST_CASE("a program starts with default dispositions and an empty mask, and learns what was ignored") {
  CHECK(in_child([] {
          ignore_signals({SIGHUP, SIGRTMIN + 2});
          sigset_t mask;
          sigfillset(&mask);
          sigprocmask(SIG_SETMASK, &mask, nullptr);
          const std::vector<int> ignored = reset_signals();
          if (ignored != std::vector<int>{SIGHUP, SIGRTMIN + 2}) return 1;
          sigprocmask(SIG_SETMASK, nullptr, &mask);
          return is_ignored(SIGHUP) || sigismember(&mask, SIGTERM) != 0 ? 2 : 0;
        }) == 0);
}

TEST_CASE("signals that are held do nothing, but those of a crash") {
  CHECK(in_child([] {
          hold_signals();
          for (const int signal : {SIGHUP, SIGTERM, SIGALRM, SIGTSTP, SIGVTALRM, SIGRTMAX}) kill(getpid(), signal);
          sigset_t mask;
          sigprocmask(SIG_SETMASK, nullptr, &mask);
          for (const int crash : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
            if (sigismember(&mask, crash) == 1) return 1;
          }
          return 0;
        }) == 0);
}

TEST_CASE("a reader hands out the signals of its set, with who sent them") {
  CHECK(in_child([] {
          auto reader = SignalReader::make({SIGUSR1, SIGTERM});
          if (!reader || reader->next()) return 1;
          kill(getpid(), SIGTERM);
          kill(getpid(), SIGUSR1);
          const auto first = reader->next();
          const auto second = reader->next();
          if (!first || !second || reader->next()) return 2;
          if (first->sender != getpid()) return 3;
          return first->signal == SIGUSR1 && second->signal == SIGTERM ? 0 : 4;
        }) == 0);
}

TEST_CASE("a block holds every signal back while it lives") {
  CHECK(in_child([] {
          sigset_t pending;
          ignore_signals({SIGPIPE});
          {
            const SignalBlock block;
            kill(getpid(), SIGTERM);
            sigpending(&pending);
            if (sigismember(&pending, SIGTERM) != 1) return 1;
            ignore_signals({SIGTERM});
          }
          sigset_t mask;
          sigprocmask(SIG_SETMASK, nullptr, &mask);
          return sigismember(&mask, SIGTERM) == 0 && is_ignored(SIGPIPE) ? 0 : 2;
        }) == 0);
}

}  // namespace
}  // namespace taskrun::sys
