#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "report/flushed.h"
#include "sys/fd.h"

namespace taskrun::report {

/// Bytes on their way to a descriptor that others share and nobody may wait for: stdout or stderr. The queue has no
/// bound of its own; its users decide what to drop.
class OutputStream {
 public:
  /// Borrows `descriptor`, which must stay open. Fails only where a descriptor of our own cannot be had.
  [[nodiscard]] static Result<std::unique_ptr<OutputStream>> open(int descriptor);

  /// Queues; writes by itself whenever much has gathered. After a failure the bytes go nowhere.
  void append(std::string_view bytes);
  [[nodiscard]] std::size_t pending() const { return queue_.size() - sent_; }

  /// Writes as much as the reader takes now. A failure is told once.
  Flushed flush();

  /// Flushes and waits for the reader for at most `limit`. A pipe that is full is first asked to hold everything, and
  /// at last as many whole lines as it may, so that a reader who pauses finds no torn line. What then waits is lost.
  Flushed drain(Nanos limit);

  /// Polls readable once a blocked flush can go on.
  [[nodiscard]] int ready_fd() const { return ready_.get(); }
  [[nodiscard]] int failure() const { return failure_; }

 private:
  enum class Way { plain, send, polled };

  explicit OutputStream(int descriptor);
  [[nodiscard]] int target() const { return own_ ? own_.get() : descriptor_; }
  ssize_t write_once(std::string_view bytes);
  bool send_some(std::size_t most);
  void send_all();
  void give_up(int error);
  bool wait_for_reader(Nanos limit);
  void send_whole_lines();

  int descriptor_;
  sys::Fd own_;    // the same pipe or terminal, opened once more without waiting
  sys::Fd ready_;  // an epoll instance that holds target()
  Way way_ = Way::plain;
  std::string queue_;
  std::size_t sent_ = 0;      // of queue_
  std::size_t gathered_ = 0;  // since the last try to write
  int failure_ = 0;
  bool is_failure_told_ = false;
};

}  // namespace taskrun::report
