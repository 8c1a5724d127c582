#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "daemon/backlog.h"
#include "report/history_file.h"

namespace taskrun::daemon {

struct HistorySettings {
  std::string path;  ///< "" where nothing is recorded
  report::Durability durability = report::Durability::normal;
  report::Retention retention;
};

/// What a runner finds of earlier ones.
struct FoundHistory {
  HistorySettings settings;
  std::optional<report::HistoryFile> file;  ///< none where it cannot be used
  std::vector<report::OpenRun> open_runs;
  report::DueMarks due_marks;
  /// What was wrong with it, also where a damaged file was set aside and a new one made; "" for nothing.
  std::string trouble;

  [[nodiscard]] bool is_kept() const { return !settings.path.empty(); }
  /// What was kept of the task's due times, once.
  [[nodiscard]] std::optional<DueMark> take_mark(std::string_view task);
};

/// Opens the history, and sets a damaged one aside. Blocks.
[[nodiscard]] FoundHistory find_history(HistorySettings settings);

/// Writes the history on a thread of its own, so that no disk holds up the loop. Whatever waits is written as one
/// transaction as soon as the one before is done: the slower the disk, the larger the batch. What fails is tried again
/// until it works. Between batches old runs are pruned, a little at a time.
///
/// A file that is taken away, replaced or found damaged is followed by a new one, which is told what runs and when each
/// task was last due.
class HistoryWriter {
 public:
  using Ticket = Backlog::Ticket;

  /// What the thread tells, in order.
  struct Progress {
    Ticket done = 0;                         ///< everything up to it is written
    std::vector<RunId> refused;              ///< claims of due times that had been answered before
    std::vector<report::OpenRun> open_runs;  ///< of earlier runners, found in a file that could be read late
    std::string trouble;                     ///< why nothing could be written now; "" where it could
    Nanos took{};                            ///< how long what is done last took to write
    report::DueMarks due_marks;              ///< of earlier runners, from a file that nobody could read before
  };

  /// `tell` is called on the thread. Takes the file of `found`; its open runs are known to whoever found them.
  HistoryWriter(FoundHistory& found, std::function<void(Progress)> tell);
  /// Ends the thread, after one more attempt to write what waits; blocks as long as the disk does.
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  /// `may_lose`: nobody waits for it, so it may be left out where much waits already, and be counted. No records at all
  /// show, too, whether the disk answers.
  [[nodiscard]] Ticket submit(std::vector<report::HistoryRecord> records, WallTime now, bool may_lose);
  /// Nothing more of a run whose claim was refused.
  void forget(const RunId& run);
  /// Asks the thread to end. False where it has not by then: a disk that hangs. Then this object cannot be destroyed in
  /// time.
  [[nodiscard]] bool has_ended_within(Nanos limit);

 private:
  void ask_to_end();
  void work();
  bool write(Backlog::Batch batch);
  [[nodiscard]] bool is_in_place();
  [[nodiscard]] bool reopen(const Backlog::Batch& batch);
  [[nodiscard]] bool write_into_file(const Backlog::Batch& batch);
  bool fail(const report::HistoryTrouble& trouble);
  [[nodiscard]] std::vector<report::HistoryRecord> all_that_stands() const;
  void remember(const std::vector<report::HistoryRecord>& records, const std::vector<RunId>& refused);
  [[nodiscard]] std::vector<report::OpenRun> of_others(std::vector<report::OpenRun> runs,
                                                       const Backlog::Batch& batch) const;
  [[nodiscard]] bool prune_a_little();

  const HistorySettings settings_;
  const std::function<void(Progress)> tell_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Backlog backlog_;
  bool is_ending_ = false;

  // The thread's own.
  std::optional<report::HistoryFile> file_;
  std::optional<report::FileIdentity> identity_;  // of the file that was open last
  std::map<RunId, report::RunClaimed> open_;      // what the file holds of this runner
  report::DueMarks due_times_;                    // likewise
  bool has_read_ = false;                         // what earlier runners kept
  std::set<RunId> known_;                         // open runs of earlier runners that have been told
  bool has_more_to_prune_ = true;

  std::future<void> ended_;
  std::thread thread_;
};

}  // namespace taskrun::daemon
