#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "report/flushed.h"
#include "report/sink.h"

namespace taskrun::report {

class OutputStream;

/// Which events become lines. What is not told takes no `seq`.
enum class EventFilter {
  all,
  results,  ///< run_finished, run_skipped and runner_*; and events_dropped, which explains a hole in `seq`
};

/// Bounds of what waits for a slow reader: above `output`, new run_output lines are dropped (until half of it has been
/// read); above `all`, everything is but runner_*, of which a runner has three.
struct QueueBounds {
  Bytes output = limits::kStdoutQueue;
  Bytes all = limits::kStdoutQueueHard;
};

/// The event lines on stdout: numbers, encodes, queues and writes them, and never waits for the reader.
///
/// Every dropped `seq` lies in the range of one events_dropped line, which stands before the next line that is kept.
class JsonLines final : public Sink {
 public:
  /// Borrows `descriptor` (stdout), which must stay open. Fails only where a descriptor of our own cannot be had.
  [[nodiscard]] static Result<JsonLines> open(int descriptor, std::string instance, EventFilter filter,
                                              QueueBounds bounds = {});
  JsonLines(JsonLines&&) noexcept;
  JsonLines& operator=(JsonLines&&) noexcept;
  ~JsonLines() override;

  /// Numbers and queues the line; writes by itself only where much has gathered. Call flush() once per turn of the
  /// loop, also to learn of a failure.
  void record(const Event& event) override;

  /// Leaves the line out: its `seq` is one of those dropped.
  void drop(const Event& event);

  /// Writes what waits, as far as the reader takes it now.
  Flushed flush();

  /// Polls *readable* (it is an epoll instance of our own) once a blocked flush can go on. Watch it only while blocked.
  [[nodiscard]] int ready_fd() const;

  /// For the end of a runner: tells a pending range of dropped events, then writes and waits for the reader for at most
  /// `limit`. A full pipe is first asked to hold more, so that a reader who pauses loses nothing. What then still waits
  /// is lost (`blocked`), and the pipe ends with a whole line where it can be made to take one.
  Flushed drain(WallTime time, Nanos limit = limits::kStdoutFlush);

  /// The errno of the failure that ended the writing; 0 while all is well.
  [[nodiscard]] int failure() const;

 private:
  JsonLines(std::unique_ptr<OutputStream> stream, std::string instance, EventFilter filter, QueueBounds bounds);
  [[nodiscard]] bool has_room_for(const Event& event);
  void append(const Event& event);
  void tell_dropped(WallTime time);

  std::unique_ptr<OutputStream> stream_;
  std::string instance_;
  EventFilter filter_;
  QueueBounds bounds_;
  std::uint64_t next_seq_ = 1;
  std::uint64_t dropped_from_ = 0;  // the first of the dropped events not yet told; 0 for none
  bool is_dropping_output_ = false;
  std::string line_;
};

}  // namespace taskrun::report
