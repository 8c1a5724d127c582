// What the writer of a history does beside writing: it reads what an earlier runner left, gives space back, and sets
// aside what cannot be used.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "report/history_file.h"
#include "report/history_rows.h"
#include "report/history_schema.h"

namespace taskrun::report {
namespace {

using database::Answer;
using database::SqliteStatement;

// What a history consists of on disk, the file itself last.
constexpr std::array<const char*, 2> kLog{"-shm", "-wal"};
constexpr std::array<const char*, 3> kBeside{"-shm", "-wal", ""};

OpenRun open_run(const SqliteStatement& row) {
  const int attempt = static_cast<int>(row.integer(2));
  const Trigger trigger = value_of(kTriggerNumbers, row.integer(3)).value_or(Trigger::schedule);
  return {std::string(row.text(0)), run_id(row.bytes(1)),  attempt, attempt > 1 ? Trigger::retry : trigger,
          moment(row.integer(4)),   moment(row.integer(5))};
}

DueMark due_mark(const SqliteStatement& row) {
  DueMark mark{moment(row.integer(1)), {}};
  const auto owed = row.bytes(2);
  for (std::size_t at = 0; at + sizeof(std::int64_t) <= owed.size(); at += sizeof(std::int64_t)) {
    std::int64_t time = 0;
    std::memcpy(&time, owed.data() + at, sizeof time);
    mark.owed.push_back(moment(time));
  }
  return mark;
}

// Calls `take` with each row.
template <class Take>
HistoryAnswer<void> read(database::SqliteConnection& connection, std::string_view sql, Take take) {
  auto statement = connection.prepare(sql);
  if (!statement) return tl::unexpected(trouble_of(statement.error()));
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(trouble_of(row.error()));
    if (!*row) return {};
    take(*statement);
  }
}

std::int64_t clamp(std::uint64_t count) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX / 4));
}

// Those bytes of the file that hold something.
Answer<std::int64_t> used_bytes(database::SqliteConnection& connection) {
  return connection.ask(
      "SELECT (p.page_count - f.freelist_count) * s.page_size"
      " FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s");
}

// Renames, and never replaces: true where something was there to be renamed.
Result<bool> move_away(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == ENOENT) return false;
  return fail_errno(fmt::format("cannot rename '{}' to '{}'", from, to), errno);
}

bool is_free(const std::string& name) {
  return std::ranges::all_of(kBeside, [&](const char* end) { return ::access((name + end).c_str(), F_OK) != 0; });
}

std::string free_name(const std::string& path, WallTime date) {
  const std::string dated = fmt::format("{}.{}.broken", path, format_utc(date));
  std::string name = dated;
  for (int number = 2; !is_free(name); ++number) name = fmt::format("{}.{}", dated, number);
  return name;
}

// What is too old goes in portions: a row that goes with each one that comes would be a second write to the disk for
// each run. So nothing goes before it is this much too old, or a part of what is kept beyond it.
constexpr auto kKeepSlack = std::chrono::hours(1);

// What is kept at most.
struct Bounds {
  std::int64_t last_surplus, last_old, surplus_bytes;

  [[nodiscard]] bool is_kept(std::int64_t number, std::int64_t ended, std::int64_t freed) const {
    return number > last_surplus && ended > last_old && freed >= surplus_bytes;
  }
};

Bounds exact_bounds(const Retention& retention, std::int64_t newest, std::int64_t used, WallTime now) {
  return {newest - clamp(retention.keep_runs), nanoseconds(now - retention.keep), used - clamp(retention.bytes.count)};
}

Bounds with_slack(Bounds bounds, const Retention& retention) {
  bounds.last_surplus -= clamp(std::min<std::uint64_t>(retention.keep_runs / 10, limits::kHistoryPrunedRows));
  bounds.last_old -= std::min<Nanos>(retention.keep / 100, kKeepSlack).count();
  bounds.surplus_bytes -= clamp(std::min(retention.bytes.count / 100, limits::kHistoryPrunedBytes.count));
  return bounds;
}

}  // namespace

HistoryAnswer<std::vector<OpenRun>> HistoryFile::open_runs() {
  std::vector<OpenRun> runs;
  const auto read_all = read(connection_,
                             "SELECT t.name, c.run, c.attempt, c.trigger, c.due, c.at FROM claim c"
                             " JOIN task t ON t.id = c.task ORDER BY c.number",
                             [&](const SqliteStatement& row) { runs.push_back(open_run(row)); });
  if (!read_all) return tl::unexpected(read_all.error());
  return runs;
}

HistoryAnswer<DueMarks> HistoryFile::due_marks() {
  DueMarks marks;
  const auto read_all =
      read(connection_, "SELECT t.name, m.answered, m.owed FROM due_mark m JOIN task t ON t.id = m.task",
           [&](const SqliteStatement& row) { marks.emplace(row.text(0), due_mark(row)); });
  if (!read_all) return tl::unexpected(read_all.error());
  return marks;
}

HistoryAnswer<bool> HistoryFile::prune(const Retention& retention, WallTime now) {
  const auto is_more_old = delete_oldest(retention, now);
  if (!is_more_old) return tl::unexpected(trouble_of(is_more_old.error()));
  const auto is_more_empty = give_back_space();
  if (!is_more_empty) return tl::unexpected(trouble_of(is_more_empty.error()));
  return *is_more_old || *is_more_empty;
}

// Rows are about in the order of their times, so the first one that may stay ends the search.
Answer<bool> HistoryFile::delete_oldest(const Retention& retention, WallTime now) {
  const auto newest = connection_.ask("SELECT max(number) FROM entry");
  if (!newest) return tl::unexpected(newest.error());
  const auto used = used_bytes(connection_);
  if (!used) return tl::unexpected(used.error());
  const Bounds exact = exact_bounds(retention, *newest, *used, now);
  const Bounds loose = with_slack(exact, retention);

  struct Row {
    std::int64_t number, task;
    bool has_output;
  };
  std::vector<Row> doomed;
  std::int64_t size = 0;
  auto& oldest = statements_.get(Sql::oldest);
  oldest.bind(1, static_cast<std::int64_t>(limits::kHistoryPrunedRows));
  Answer<bool> row = oldest.step();
  while (row && *row && size < clamp(limits::kHistoryPrunedBytes.count)) {
    const std::int64_t number = oldest.integer(0);
    if ((doomed.empty() ? loose : exact).is_kept(number, oldest.integer(2), size)) break;
    doomed.push_back({number, oldest.integer(1), !oldest.is_null(3)});
    size += oldest.integer(4) + clamp(limits::kHistoryRow.count);
    row = oldest.step();
  }
  oldest.reset();
  if (!row) return tl::unexpected(row.error());
  if (doomed.empty()) return false;

  auto transaction = database::SqliteTransaction::begin(connection_);
  if (!transaction) return tl::unexpected(transaction.error());
  for (const Row& each : doomed) {
    if (auto deleted = delete_row(each.number, each.task, each.has_output); !deleted) {
      return tl::unexpected(deleted.error());
    }
  }
  tasks_.clear();  // some may be forgotten now
  if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
  return doomed.size() == limits::kHistoryPrunedRows || size >= clamp(limits::kHistoryPrunedBytes.count);
}

Answer<void> HistoryFile::delete_row(std::int64_t number, std::int64_t task, bool has_output) {
  const auto run = [&](Sql which, std::int64_t key) {
    statements_.get(which).bind(1, key);
    return statements_.get(which).run();
  };
  auto deleted = run(Sql::delete_entry, number);
  if (deleted && has_output) deleted = run(Sql::delete_output, number);
  if (deleted && task != 0) deleted = run(Sql::forget_task, task);
  return deleted;
}

// Some free pages stay: a file that shrinks and grows with each run is work for nothing.
Answer<bool> HistoryFile::give_back_space() {
  const auto free = connection_.ask("PRAGMA freelist_count");
  if (!free) return tl::unexpected(free.error());
  const std::int64_t surplus = *free - limits::kHistoryFreePages;
  if (surplus <= 0) return false;
  const std::int64_t step = std::min<std::int64_t>(surplus, limits::kHistoryVacuumedPages);
  const auto given_back = connection_.execute(fmt::format("PRAGMA incremental_vacuum({})", step));
  if (!given_back) return tl::unexpected(given_back.error());
  // A file that somebody else has made may not give any back.
  const auto left = connection_.ask("PRAGMA freelist_count");
  if (!left) return tl::unexpected(left.error());
  return surplus > step && *left < *free;
}

Result<void> set_log_aside(const std::string& path, WallTime date) {
  const std::string name = free_name(path, date);
  for (const char* end : kLog) {
    if (const auto moved = move_away(path + end, name + end); !moved) return tl::unexpected(moved.error());
  }
  return {};
}

// What is beside the file goes first: a log that is left alone would be taken for one of the file that comes next.
Result<std::string> set_aside(const std::string& path, WallTime date) {
  std::string name = free_name(path, date);
  for (const char* end : kBeside) {
    if (const auto moved = move_away(path + end, name + end); !moved) return tl::unexpected(moved.error());
  }
  return name;
}

}  // namespace taskrun::report
