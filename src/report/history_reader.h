#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "database/sqlite.h"
#include "report/history_entry.h"
#include "report/history_trouble.h"

namespace taskrun::report {

/// Which entries are meant.
struct HistoryQuery {
  std::optional<std::string> task;  ///< its own, and gaps; else of all tasks
  bool failed = false;              ///< only runs that ended in failure, timeout or error
  std::optional<WallTime> since;    ///< what ended then or later
  std::optional<WallTime> until;    ///< what began before
  std::uint64_t limit = 0;          ///< 0: all
};

/// The runs of one task, over those that were asked for and at most limits::kHistorySummedRuns.
struct TaskSummary {
  std::string task;
  std::uint64_t runs = 0, successes = 0;
  std::uint64_t skipped = 0;  ///< due times
  Nanos median{}, p95{}, longest{};
  std::optional<WallTime> last_success;  ///< when it started
  std::vector<Nanos> latest;             ///< the durations of the last ones, oldest first
};

/// Reads a history, while a runner writes it or not, and changes nothing in it. Nothing is locked between two calls,
/// nor while an entry is taken. Blocks on the disk; used by one thread at a time.
class HistoryReader {
 public:
  /// The trouble is `absent` where no runner has made the file yet.
  [[nodiscard]] static HistoryAnswer<HistoryReader> open(const std::string& path);

  /// Calls `take` with each entry that is meant, until it answers false: running ones first, then the newest first (of
  /// one task by due time, of all by their end).
  [[nodiscard]] HistoryAnswer<void> list(const HistoryQuery& query,
                                         const std::function<bool(const HistoryEntry&)>& take);

  /// The runs whose id begins with these digits, else those whose id ends with them; `limit` of them at most. Hyphens
  /// and capitals make no difference.
  [[nodiscard]] HistoryAnswer<std::vector<RunId>> find_runs(std::string_view digits, std::size_t limit);
  /// Every attempt of a run in order, and at last its claim where it is running. Empty where there is no such run.
  [[nodiscard]] HistoryAnswer<std::vector<HistoryEntry>> attempts(const RunId& run);
  [[nodiscard]] HistoryAnswer<HistoryOutput> output(std::int64_t number);

  /// By name; tasks without a run and without a skipped due time are left out. Ignores `failed` and `limit`.
  [[nodiscard]] HistoryAnswer<std::vector<TaskSummary>> summarize(const HistoryQuery& query);

  /// Whether anything is known of a task.
  [[nodiscard]] HistoryAnswer<bool> has_task(std::string_view name);

 private:
  /// Where the next page of a list begins.
  struct Place {
    std::int64_t due, number;
  };

  explicit HistoryReader(database::SqliteConnection connection) : connection_(std::move(connection)) {}
  [[nodiscard]] database::Answer<std::vector<HistoryEntry>> page(const std::string& sql, const HistoryQuery& query,
                                                                 const Place& before, std::size_t length);
  [[nodiscard]] database::Answer<std::int64_t> first_ended_after(WallTime time);
  [[nodiscard]] database::Answer<TaskSummary> summarize_task(const std::string& name, const HistoryQuery& query);

  database::SqliteConnection connection_;
};

}  // namespace taskrun::report
