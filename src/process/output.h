#pragma once

#include <cstdint>
#include <string_view>

#include "process/capture.h"
#include "process/runner.h"

namespace taskrun::process {

/// One output stream of an attempt: keeps what its policy says, and tells the listener what it asks for.
class Output {
 public:
  Output(AttemptId attempt, Stream stream, const OutputPolicy& policy, bool tee, Listener& listener);
  void append(std::string_view chunk);
  /// The task has closed the stream, or is not waited for any more.
  void finish();

  [[nodiscard]] std::string tail() const { return tail_.text(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  AttemptId attempt_;
  Stream stream_;
  OutputMode mode_;
  bool tells_chunks_;
  Listener& listener_;
  Tail tail_;
  LineCutter lines_;
  std::uint64_t bytes_ = 0;
};

/// Whether the streams must be read at all.
[[nodiscard]] bool wants_output(const OutputPolicy& policy, bool tee);

}  // namespace taskrun::process
