#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/history_limits.h"
#include "base/ids.h"
#include "report/history_record.h"

namespace taskrun::daemon {

/// What the history has not been told yet, in order. Bounded: while nothing can be written, what would make it grow
/// without end is only counted, and told as one gap later. The end of a run that the history knows of is always kept.
/// What somebody waits for is never lost: it is bounded by how long they wait.
class Backlog {
 public:
  /// Counts up with each addition; what was added with a ticket has been written once that ticket is done.
  using Ticket = std::uint64_t;

  struct Batch {
    std::vector<report::HistoryRecord> records;
    Ticket until = 0;  ///< the last addition in it
  };

  explicit Backlog(Bytes limit = limits::kHistoryBacklog) : limit_(limit) {}

  /// `may_lose`: nobody waits for it to be written.
  Ticket add(std::vector<report::HistoryRecord> records, WallTime now, bool may_lose);
  [[nodiscard]] bool is_empty() const { return taken_ == last_; }
  /// All of it. Marks of due times come as the last one of each task.
  [[nodiscard]] Batch take();
  /// It could not be written, and is to be taken again: it stands before whatever came since.
  void put_back(Batch batch);
  /// Nothing of the run is to be written any more: its claim was refused.
  void forget(const RunId& run);

 private:
  void add_one(report::HistoryRecord record, WallTime now, bool may_lose);
  [[nodiscard]] bool is_welcome(const report::HistoryRecord& record, WallTime now, bool may_lose);
  void lose(WallTime now);

  Bytes limit_;
  std::deque<report::HistoryRecord> waiting_;
  std::map<std::string, std::optional<DueMark>, std::less<>> due_times_;
  std::optional<report::RecordsLost> lost_;
  std::set<RunId> unrecorded_;   // runs that the history does not know of
  std::size_t bytes_ = 0;        // of waiting_
  std::size_t taken_bytes_ = 0;  // of what was taken last: it may be put back
  Ticket last_ = 0;
  Ticket taken_ = 0;
};

}  // namespace taskrun::daemon
