#pragma once

#include <csignal>
#include <optional>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

/// Signals. A program of ours begins with reset_signals(); the runner then blocks what it wants to hear of and reads it
/// from a SignalReader. Nothing installs a signal function.
namespace taskrun::sys {

/// Gives every signal that our parent left us ignored its default disposition, and empties the mask. Returns those
/// signals (nohup ignores SIGHUP), for the caller who wants to keep one so.
std::vector<int> reset_signals();

/// Blocks every signal, for good, but those of a crash: what nobody reads from a SignalReader does nothing then, where
/// by default it would end or stop us.
void hold_signals();

void ignore_signals(const std::vector<int>& signals);

/// Blocks every signal for its lifetime, then restores the mask that was.
class SignalBlock {
 public:
  SignalBlock();
  ~SignalBlock();
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;

 private:
  sigset_t before_;
};

/// A received signal.
struct Received {
  int signal = 0;
  pid_t sender = 0;  ///< 0 where the kernel sent it (a terminal's Ctrl-C)
};

/// Blocks a set of signals for good and hands them out from a non-blocking descriptor, which it owns.
class SignalReader {
 public:
  /// Fails when descriptors run out.
  [[nodiscard]] static Result<SignalReader> make(const std::vector<int>& signals);
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// The next signal, or nothing where none waits.
  [[nodiscard]] std::optional<Received> next();

 private:
  explicit SignalReader(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace taskrun::sys
