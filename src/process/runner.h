#pragma once

#include <memory>
#include <string_view>

#include <sys/types.h>

#include "base/ids.h"
#include "base/result.h"
#include "model/outcome.h"
#include "process/launch.h"

namespace taskrun::process {

enum class Stream { out, err };

/// Told what attempts do. Called from the loop, never from inside Runner::start, stop or kill.
class Listener {
 public:
  virtual ~Listener() = default;
  /// A line of an attempt whose output mode is `lines`: raw bytes without the newline; `partial` where the line goes on
  /// in the next call or ended without a newline.
  virtual void on_line(AttemptId attempt, Stream stream, std::string_view line, bool partial) = 0;
  /// A chunk as it came, for `raw` and for `tee`.
  virtual void on_chunk(AttemptId attempt, Stream stream, std::string_view bytes) = 0;
  /// The attempt has ended: main process reaped, leftovers dealt with, pipes drained. The last call for `attempt`.
  virtual void on_ended(AttemptId attempt, AttemptReport report) = 0;
};

/// The one door to processes; tests put a fake behind it.
class Runner {
 public:
  virtual ~Runner() = default;
  /// Starts a process. A failure is complete: nothing is left of the attempt and on_ended is not called.
  virtual tl::expected<pid_t, StartFailure> start(AttemptId attempt, const Launch& launch) = 0;
  /// Sends `signal`, then SIGCONT, to every process of the attempt. An unknown or ended attempt is no error.
  virtual void stop(AttemptId attempt, int signal) = 0;
  /// Ends every process of the attempt with SIGKILL, and looks again until none is left.
  virtual void kill(AttemptId attempt) = 0;
  /// To be called when SIGCHLD came: reaps every child that has ended.
  virtual void reap() = 0;
};

}  // namespace taskrun::process
