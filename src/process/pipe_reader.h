#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "process/pipe_watch.h"
#include "sys/fd.h"

namespace taskrun::process {

/// The reading end of a task's pipe on the loop. Reads one buffer at a time, so that a task that floods yields to the
/// others after each. Closes at the pipe's end.
class PipeReader final : private Readable {
 public:
  using Sink = std::function<void(std::string_view)>;
  using End = std::function<void()>;

  /// `buffer` is shared by all readers of the loop. `on_bytes` gets what was read; `on_end` is told from the loop, and
  /// at most once, that every writer has closed. Fails when the kernel cannot watch one descriptor more.
  [[nodiscard]] static Result<std::unique_ptr<PipeReader>> make(PipeWatch& watch, sys::Fd pipe, std::span<char> buffer,
                                                                Sink on_bytes, End on_end);
  PipeReader(const PipeReader&) = delete;
  PipeReader& operator=(const PipeReader&) = delete;
  ~PipeReader() { close(); }

  /// To be called before the loop's next turn. Nothing is called once `owner` is gone, or after close().
  void listen(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
  /// Reads now what is there, up to a bound (a writer may be faster), without calling `on_end`. Whether the end came.
  bool drain();
  [[nodiscard]] bool is_at_end() const { return at_end_; }
  void close();
  /// For fstat; -1 once it is closed.
  [[nodiscard]] int fd() const { return pipe_.get(); }

 private:
  PipeReader(PipeWatch& watch, sys::Fd pipe, std::span<char> buffer, Sink on_bytes, End on_end)
      : watch_(watch),
        pipe_(std::move(pipe)),
        buffer_(buffer),
        on_bytes_(std::move(on_bytes)),
        on_end_(std::move(on_end)) {}
  void on_readable() override;
  // False where there was nothing to read.
  bool read_once();

  PipeWatch& watch_;
  PipeWatch::Token token_ = 0;
  sys::Fd pipe_;
  std::span<char> buffer_;
  Sink on_bytes_;
  End on_end_;
  std::weak_ptr<void> owner_;
  bool at_end_ = false;
};

}  // namespace taskrun::process
