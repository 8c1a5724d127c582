#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "report/flushed.h"

namespace taskrun::report {

class OutputStream;

/// What tasks write, passed through to the runner's stderr (`output: raw`, and `once` as it comes), without ever
/// waiting for the reader. Bytes that find the queue full are left out; a line in their place says how many.
class ChunkWriter {
 public:
  /// Borrows `descriptor` (stderr), which must stay open. Fails only where a descriptor of our own cannot be had.
  [[nodiscard]] static Result<ChunkWriter> open(int descriptor, Bytes bound = limits::kStderrQueue);
  ChunkWriter(ChunkWriter&&) noexcept;
  ChunkWriter& operator=(ChunkWriter&&) noexcept;
  ~ChunkWriter();

  /// Queues, unless the queue is full. Call flush() once per turn of the loop.
  void write(std::string_view bytes);
  Flushed flush();
  /// As JsonLines::ready_fd.
  [[nodiscard]] int ready_fd() const;
  /// Flushes, waiting for the reader for at most `limit`.
  Flushed drain(Nanos limit = limits::kStdoutFlush);
  /// Left out so far, in all.
  [[nodiscard]] std::uint64_t dropped_bytes() const { return dropped_; }

 private:
  ChunkWriter(std::unique_ptr<OutputStream> stream, Bytes bound);
  void tell_dropped();

  std::unique_ptr<OutputStream> stream_;
  std::size_t bound_;
  std::uint64_t dropped_ = 0;
  std::uint64_t untold_ = 0;  // of those: not yet told in the stream
  bool ends_line_ = true;
};

}  // namespace taskrun::report
