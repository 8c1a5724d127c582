#include "sys/signals.h"

#include <cerrno>

#include <sys/signalfd.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

sigset_t set_of(const std::vector<int>& signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

void set_disposition(int signal, void (*disposition)(int)) {
  struct sigaction action{};
  action.sa_handler = disposition;
  sigaction(signal, &action, nullptr);
}

}  // namespace

// A new program has no signal functions but those of a sanitizer, which are left: what it inherits is what is ignored.
std::vector<int> reset_signals() {
  std::vector<int> ignored;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    struct sigaction action{};
    if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler != SIG_IGN) continue;
    ignored.push_back(signal);
    set_disposition(signal, SIG_DFL);
  }
  const sigset_t none = set_of({});
  sigprocmask(SIG_SETMASK, &none, nullptr);
  return ignored;
}

void hold_signals() {
  sigset_t held;
  sigfillset(&held);
  for (const int crash : {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS}) sigdelset(&held, crash);
  sigprocmask(SIG_BLOCK, &held, nullptr);
}

void ignore_signals(const std::vector<int>& signals) {
  for (const int signal : signals) set_disposition(signal, SIG_IGN);
}

SignalBlock::SignalBlock() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before_);
}

SignalBlock::~SignalBlock() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

Result<SignalReader> SignalReader::make(const std::vector<int>& signals) {
  const sigset_t set = set_of(signals);
  Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno("cannot make a signal descriptor", errno);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return SignalReader(std::move(fd));
}

std::optional<Received> SignalReader::next() {
  signalfd_siginfo read_one{};
  if (read(fd_.get(), &read_one, sizeof read_one) != sizeof read_one) return std::nullopt;
  return Received{static_cast<int>(read_one.ssi_signo), static_cast<pid_t>(read_one.ssi_pid)};
}

}  // namespace taskrun::sys
