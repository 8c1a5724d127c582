#pragma once

namespace taskrun::report {

/// What became of bytes that were to leave.
enum class FlushState {
  idle,     ///< nothing waits
  blocked,  ///< the rest waits for the reader
  failed,   ///< the reader is gone or the disk is full; told once, after that bytes go nowhere and it is idle
};

struct Flushed {
  FlushState state = FlushState::idle;
  int error = 0;  ///< the errno, where failed
};

}  // namespace taskrun::report
