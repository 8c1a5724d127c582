#include "sys/clock.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>

#include <sys/timerfd.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Nanos read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return Nanos(time.tv_sec * kSecond + time.tv_nsec);
}

Result<Fd> make_timer(clockid_t clock) {
  Fd fd(timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!fd) return fail_errno("cannot make a timer", errno);
  return fd;
}

// 0 would disarm, and what lies before the epoch is refused: both are long past.
void set_timer(int fd, int flags, Nanos when) {
  const std::int64_t nanos = std::max<std::int64_t>(when.count(), 1);
  itimerspec spec{};
  spec.it_value.tv_sec = nanos / kSecond;
  spec.it_value.tv_nsec = nanos % kSecond;
  timerfd_settime(fd, flags, &spec, nullptr);
}

}  // namespace

// Whoever was stopped between two readings would see a step of the wall clock that nobody made, so they are read again
// until they lie close together; a machine too busy for that has had its chances.
Now read_clocks() {
  constexpr Nanos kClose = std::chrono::microseconds(100);
  Now now;
  for (int chance = 0; chance < 10; ++chance) {
    now.boot = BootTime(read_clock(CLOCK_BOOTTIME));
    now.wall = WallTime(read_clock(CLOCK_REALTIME));
    now.mono = MonoTime(read_clock(CLOCK_MONOTONIC));
    if (read_clock(CLOCK_BOOTTIME) - now.boot.time_since_epoch() < kClose) break;
  }
  return now;
}

Result<BootTimer> BootTimer::make() {
  return make_timer(CLOCK_BOOTTIME).map([](Fd fd) { return BootTimer(std::move(fd)); });
}

void BootTimer::arm(BootTime when) {
  if (armed_ && *armed_ <= when) return;
  armed_ = when;
  set_timer(fd_.get(), TFD_TIMER_ABSTIME, when.time_since_epoch());
}

void BootTimer::disarm() {
  if (!armed_) return;
  armed_.reset();
  const itimerspec none{};
  timerfd_settime(fd_.get(), 0, &none, nullptr);
}

bool BootTimer::consume() {
  std::uint64_t expirations = 0;
  if (read(fd_.get(), &expirations, sizeof expirations) != sizeof expirations) return false;
  armed_.reset();
  return true;
}

Result<WallTimer> WallTimer::make() {
  return make_timer(CLOCK_REALTIME).map([](Fd fd) { return WallTimer(std::move(fd)); });
}

void WallTimer::arm(WallTime when) {
  set_timer(fd_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, when.time_since_epoch());
}

void WallTimer::watch_clock() { arm(WallTime::max()); }

WallTimer::Fired WallTimer::consume() {
  std::uint64_t expirations = 0;
  if (read(fd_.get(), &expirations, sizeof expirations) == sizeof expirations) return Fired::due;
  return errno == ECANCELED ? Fired::clock_set : Fired::nothing;
}

}  // namespace taskrun::sys
