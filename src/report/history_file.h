#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/bytes.h"
#include "base/history_limits.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "database/sqlite.h"
#include "model/due_mark.h"
#include "report/history_record.h"
#include "report/history_statements.h"
#include "report/history_trouble.h"

/// The history: one SQLite file for each instance, in its state directory; docs/history.md describes it. One process
/// writes it, which holds the instance's lock; any number may read it meanwhile (report/history_reader.h).
namespace taskrun::report {

/// The file's name in the instance's state directory.
inline constexpr const char* kHistoryName = "history.db";

/// What survives a loss of power: all but the last moments, or all that was answered as written.
enum class Durability { normal, full };

/// What is kept. The oldest goes first; an open run stays, whatever its age.
struct Retention {
  Nanos keep = limits::kHistoryKeep;
  std::uint64_t keep_runs = limits::kHistoryKeepRuns;  ///< rows: attempts, skipped due times and gaps count, too
  Bytes bytes = limits::kHistorySize;                  ///< of the file, without what was written last
};

/// A run without an end.
struct OpenRun {
  std::string task;
  RunId id;
  int attempt = 1;                      ///< the one that runs, or is waited for
  Trigger trigger = Trigger::schedule;  ///< of that attempt: `retry` from the second on
  WallTime scheduled_at;
  WallTime claimed_at;  ///< just before its first attempt started
};

/// By task.
using DueMarks = std::map<std::string, DueMark, std::less<>>;

struct Written {
  /// Claims of a due time that has a run already. These must not start. The rest of the batch stands.
  std::vector<RunId> refused;
};

/// Which file a path names.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
[[nodiscard]] std::optional<FileIdentity> identity_of(const std::string& path);  ///< none: nothing can be seen there

/// Used by one thread at a time; every call blocks on the disk.
class HistoryFile {
 public:
  /// Makes the file where there is none, readable by its owner alone from its birth, and brings an older one up to
  /// date. The directory must be there.
  [[nodiscard]] static HistoryAnswer<HistoryFile> open(const std::string& path, Durability durability);

  /// One transaction, as durable as was asked for when this returns; all of it or, on failure, nothing. A record that
  /// has been written already, as after a failure that came too late, changes nothing. Even an empty batch is a write:
  /// it shows whether the disk takes one.
  [[nodiscard]] HistoryAnswer<Written> write(std::span<const HistoryRecord> batch);

  /// In the order in which they were claimed.
  [[nodiscard]] HistoryAnswer<std::vector<OpenRun>> open_runs();
  [[nodiscard]] HistoryAnswer<DueMarks> due_marks();

  /// One small step, a few milliseconds. True where there is more to do.
  [[nodiscard]] HistoryAnswer<bool> prune(const Retention& retention, WallTime now);

  /// Its path names another file, or none, where somebody has replaced or removed it.
  [[nodiscard]] const FileIdentity& identity() const { return identity_; }

 private:
  /// What a run began with.
  struct Beginning {
    Trigger trigger;
    bool answers;  // a due time, as the only one
  };

  HistoryFile(FileIdentity identity, database::SqliteConnection connection)
      : identity_(identity), connection_(std::move(connection)) {}
  [[nodiscard]] database::Answer<std::int64_t> find_task(const std::string& name);
  [[nodiscard]] database::Answer<std::int64_t> task_number(const std::string& name);
  [[nodiscard]] database::Answer<void> forget_mark(const std::string& task);
  [[nodiscard]] database::Answer<void> add(const RunClaimed& claimed, Written& written);
  [[nodiscard]] database::Answer<void> add(const RunFinished& finished, Written& written);
  [[nodiscard]] database::Answer<void> add(const DueTimeSkipped& skipped, Written& written);
  [[nodiscard]] database::Answer<void> add(const DueTimesKept& kept, Written& written);
  [[nodiscard]] database::Answer<void> add(const RecordsLost& lost, Written& written);
  [[nodiscard]] database::Answer<bool> is_written(const RunId& id, std::int64_t task, std::int64_t due, bool answers,
                                                  Written& written);
  [[nodiscard]] database::Answer<Beginning> beginning_of(const RunRef& run);
  [[nodiscard]] database::Answer<void> add_attempt(const RunFinished& finished, std::int64_t task,
                                                   const Beginning& beginning);
  [[nodiscard]] database::Answer<void> go_on(const RunFinished& finished);
  [[nodiscard]] database::Answer<bool> delete_oldest(const Retention& retention, WallTime now);
  [[nodiscard]] database::Answer<void> delete_row(std::int64_t number, std::int64_t task, bool has_output);
  [[nodiscard]] database::Answer<bool> give_back_space();

  FileIdentity identity_;
  database::SqliteConnection connection_;
  HistoryStatements statements_;                            // must go before the connection
  std::map<std::string, std::int64_t, std::less<>> tasks_;  // numbers of tasks that were used last
};

/// Renames a history that cannot be used, with what SQLite keeps beside it, to a name with the date. Never deletes and
/// never replaces anything. Answers the new name.
[[nodiscard]] Result<std::string> set_aside(const std::string& path, WallTime date);

/// The same with what SQLite keeps beside it alone: of a history that was taken away from below its runner. Whatever
/// stands in its place would be taken for the one that the log is of, and be overwritten by it.
[[nodiscard]] Result<void> set_log_aside(const std::string& path, WallTime date);

}  // namespace taskrun::report
