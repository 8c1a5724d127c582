#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace taskrun::engine {

/// Names one armed timer. The default names none. A serial number makes a kept id of a fired timer harmless.
struct TimerId {
  std::uint32_t slot = 0;
  std::uint32_t serial = 0;  // 0: no timer
  friend bool operator==(const TimerId&, const TimerId&) = default;
};

/// Deadlines of one clock with what is due then: an indexed 4-ary heap. Equal deadlines fire in the order they were
/// armed. arm, cancel and pop are O(log n); a cancelled timer leaves nothing behind.
template <class Time, class Payload>
class TimerQueue {
 public:
  TimerId arm(Time deadline, Payload payload) {
    const std::uint32_t slot = take_slot();
    slots_[slot].payload = payload;
    slots_[slot].serial = ++last_serial_ == 0 ? ++last_serial_ : last_serial_;
    heap_.push_back({deadline, next_order_++, slot});
    sift_up(heap_.size() - 1);
    return {slot, slots_[slot].serial};
  }

  /// False where the timer has fired or was cancelled already. Resets `id`.
  bool cancel(TimerId& id) {
    const TimerId timer = std::exchange(id, TimerId{});
    if (timer.serial == 0 || timer.slot >= slots_.size() || slots_[timer.slot].serial != timer.serial) return false;
    remove_at(slots_[timer.slot].position);
    return true;
  }

  [[nodiscard]] std::optional<Time> next_deadline() const {
    return heap_.empty() ? std::nullopt : std::optional<Time>(heap_.front().deadline);
  }

  /// The earliest timer whose deadline is not after `now`, taken out; nothing where there is none.
  std::optional<Payload> pop_due(Time now) {
    if (heap_.empty() || heap_.front().deadline > now) return std::nullopt;
    const Payload payload = slots_[heap_.front().slot].payload;
    remove_at(0);
    return payload;
  }

  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Time deadline;
    std::uint64_t order;
    std::uint32_t slot;
    bool operator<(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : order < other.order;
    }
  };
  struct Slot {
    Payload payload{};
    std::uint32_t serial = 0;  // 0 while free
    std::size_t position = 0;  // in heap_
  };
  static constexpr std::size_t kArity = 4;

  std::uint32_t take_slot() {
    if (free_.empty()) {
      slots_.emplace_back();
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void remove_at(std::size_t position) {
    assert(position < heap_.size());
    const std::uint32_t slot = heap_[position].slot;
    slots_[slot].serial = 0;
    free_.push_back(slot);
    const Entry last = heap_.back();
    heap_.pop_back();
    if (position == heap_.size()) return;
    place(position, last);
    sift_up(position);
    sift_down(slots_[last.slot].position);
  }

  void place(std::size_t position, const Entry& entry) {
    heap_[position] = entry;
    slots_[entry.slot].position = position;
  }

  void sift_up(std::size_t position) {
    const Entry entry = heap_[position];
    while (position > 0) {
      const std::size_t parent = (position - 1) / kArity;
      if (!(entry < heap_[parent])) break;
      place(position, heap_[parent]);
      position = parent;
    }
    place(position, entry);
  }

  void sift_down(std::size_t position) {
    const Entry entry = heap_[position];
    for (;;) {
      const std::size_t first = position * kArity + 1;
      if (first >= heap_.size()) break;
      const std::size_t end = first + kArity < heap_.size() ? first + kArity : heap_.size();
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child) {
        if (heap_[child] < heap_[least]) least = child;
      }
      if (!(heap_[least] < entry)) break;
      place(position, heap_[least]);
      position = least;
    }
    place(position, entry);
  }

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t next_order_ = 0;
  std::uint32_t last_serial_ = 0;
};

}  // namespace taskrun::engine
