// What starting processes costs when nothing else is done: vfork, exec, wait. The yardstick of run.py.
//
//   raw_loop rate COUNT ALIVE PROGRAM [ARGUMENT…]     runs COUNT, ALIVE at a time; prints the seconds
//   raw_loop burst COUNT PROGRAM [ARGUMENT…]          starts COUNT at once; prints how late each was, in ms
//   raw_loop pace COUNT PER_SECOND PROGRAM [ARGUMENT…]  starts COUNT evenly spread; prints how late each was, in ms

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Nanoseconds = std::int64_t;

Nanoseconds now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

void sleep_until(Nanoseconds moment) {
  const timespec time{moment / 1'000'000'000, moment % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
  }
}

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

void start(char** argv) {
  const pid_t pid = vfork();
  if (pid < 0) give_up("vfork");
  if (pid > 0) return;
  execv(argv[0], argv);
  _exit(127);
}

// One child; false where none has ended (yet).
bool reap(int flags) {
  int status = 0;
  if (waitpid(-1, &status, flags) <= 0) return false;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::fputs("a child failed\n", stderr);
    std::exit(1);
  }
  return true;
}

void rate(int count, int alive, char** argv) {
  const Nanoseconds begin = now();
  int started = 0, ended = 0;
  while (ended < count) {
    for (; started < count && started - ended < alive; ++started) start(argv);
    if (reap(0)) ++ended;
  }
  std::printf("%.9f\n", static_cast<double>(now() - begin) / 1e9);
}

// `gap` nanoseconds lie between two due times.
void start_on_time(int count, Nanoseconds gap, char** argv) {
  std::vector<Nanoseconds> lateness;
  const Nanoseconds begin = now() + 10'000'000;
  for (int i = 0; i < count; ++i) {
    const Nanoseconds due = begin + i * gap;
    if (now() < due) sleep_until(due);
    start(argv);
    lateness.push_back(now() - due);
    while (reap(WNOHANG)) {
    }
  }
  while (reap(0)) {
  }
  for (const Nanoseconds late : lateness) std::printf("%.6f\n", static_cast<double>(late) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_TIMERSLACK, 1);
  const auto is = [&](const char* mode) { return argc > 2 && std::strcmp(argv[1], mode) == 0; };
  if (is("rate") && argc > 4) {
    rate(std::atoi(argv[2]), std::atoi(argv[3]), argv + 4);
  } else if (is("burst") && argc > 3) {
    start_on_time(std::atoi(argv[2]), 0, argv + 3);
  } else if (is("pace") && argc > 4) {
    start_on_time(std::atoi(argv[2]), 1'000'000'000 / std::atoi(argv[3]), argv + 4);
  } else {
    std::fputs("usage: raw_loop rate|burst|pace …\n", stderr);
    return 2;
  }
}
