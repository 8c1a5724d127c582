#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/limits.h"
#include "report/sink.h"

namespace taskrun::control {

/// The latest event lines, for whoever follows the runner: numbered from 1, every event, the oldest forgotten where
/// they take more than the bound. A subscriber has no queue of its own, only a place in here, so one that does not read
/// costs nothing and holds up nobody.
class EventRing final : public report::Sink {
 public:
  explicit EventRing(std::string instance, Bytes bound = limits::kEventRing)
      : instance_(std::move(instance)), bound_(bound) {}

  void record(const Event& event) override;
  /// Leaves the line out: its number is one of a hole, which who reads on is told.
  void drop(const Event& event);
  /// `listener` is called after each record(), from within it.
  void on_record(std::function<void()> listener) { listener_ = std::move(listener); }

  /// The number of the newest line; 0 where there is none.
  [[nodiscard]] std::uint64_t last_seq() const { return first_ + lines_.size() - 1; }

 private:
  friend class EventCursor;
  struct Line {
    std::string text;  // with its newline; "" of one that was left out
    std::string task;  // its name, not its definition, which may be a megabyte and long gone; "" of a runner's own
    WallTime time;
  };
  void append(Line line);
  [[nodiscard]] const Line& line(std::uint64_t number) const { return lines_[number - first_]; }
  [[nodiscard]] std::uint64_t next_kept(std::uint64_t from) const;

  std::string instance_;
  Bytes bound_;
  std::deque<Line> lines_;
  std::uint64_t first_ = 1;  // the number of lines_.front()
  std::size_t size_ = 0;     // bytes of the texts, and of the places of lines that were left out
  std::function<void()> listener_;
};

/// A subscriber's place in a ring.
class EventCursor {
 public:
  /// Reads what comes after the line `since`; of one task, where `task` is not "".
  explicit EventCursor(std::uint64_t since, std::string task = "") : next_(since + 1), task_(std::move(task)) {}

  /// Whole lines, as many as fit `room` bytes, but one if there is any; "" where nothing has come. Lines that were
  /// left out, or forgotten before they were read, are told before the next line that is there, by an events_dropped
  /// line whose own number is that of the last of them.
  [[nodiscard]] std::string read(const EventRing& ring, std::size_t room);

 private:
  std::uint64_t next_;
  std::string task_;
};

}  // namespace taskrun::control
