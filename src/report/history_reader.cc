// The history as people ask for it.
//
// A list is read in pages, each by a question of its own that begins where the one before ended: whoever takes the
// entries may wait for a slow terminal, and a reader that stands in the middle of a question would keep the writer from
// shortening its log.

#include "report/history_reader.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <sys/stat.h>

#include "base/history_limits.h"
#include "report/history_rows.h"
#include "report/history_schema.h"

namespace taskrun::report {
namespace {

using database::Answer;
using database::SqliteAccess;
using database::SqliteConnection;
using database::SqliteStatement;
using Kind = HistoryEntry::Kind;

template <class Value>
HistoryAnswer<Value> told(Answer<Value> answer) {
  if (!answer) return tl::unexpected(trouble_of(answer.error()));
  return std::move(*answer);
}

// The columns in the order in which entry_of() reads them.
constexpr std::string_view kColumns =
    "e.number, t.name, e.run, e.attempt, e.trigger, e.due, e.at, e.kind, e.duration, e.exit_code, e.signal,"
    " e.killed_by, e.flags, e.pid, e.cpu_user_us, e.cpu_system_us, e.max_rss_kib, e.leftovers_killed, e.output_bytes,"
    " e.truncated_bytes, e.retry_in, e.error, e.reason, e.count";

// A claim, in the same columns as far as it has them.
constexpr std::string_view kRunningColumns =
    "e.number, t.name, e.run, e.attempt, e.trigger, e.due, e.at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
    " NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

std::optional<int> maybe(const SqliteStatement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return static_cast<int>(row.integer(column));
}

std::uint64_t count(const SqliteStatement& row, int column) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(row.integer(column), 0));
}

AttemptReport report_of(const SqliteStatement& row) {
  AttemptReport report;
  report.exit = {maybe(row, 9), maybe(row, 10), (row.integer(12) & kCoreDumpedFlag) != 0};
  report.output_complete = (row.integer(12) & kOutputCutOffFlag) == 0;
  report.pid = static_cast<pid_t>(row.integer(13));
  report.cpu_user = std::chrono::microseconds(row.integer(14));
  report.cpu_system = std::chrono::microseconds(row.integer(15));
  report.max_rss_kib = row.integer(16);
  report.leftovers_killed = count(row, 17);
  report.output_bytes = count(row, 18);
  report.truncated_bytes = count(row, 19);
  return report;
}

Kind kind_of(const SqliteStatement& row) {
  if (row.is_null(7)) return Kind::running;
  if (row.integer(7) == kSkippedNumber) return Kind::skipped;
  return row.integer(7) == kGapNumber ? Kind::gap : Kind::ended;
}

HistoryEntry entry_of(const SqliteStatement& row) {
  HistoryEntry entry;
  entry.kind = kind_of(row);
  entry.number = row.integer(0);
  entry.task = row.text(1);
  entry.run = run_id(row.bytes(2));
  entry.attempt = static_cast<int>(row.integer(3));
  entry.trigger = value_of(kTriggerNumbers, row.integer(4)).value_or(Trigger::schedule);
  entry.scheduled_at = moment(row.integer(5));
  entry.at = moment(row.integer(6));
  entry.outcome = value_of(kOutcomeNumbers, row.integer(7)).value_or(Outcome::error);
  entry.duration = Nanos(row.integer(8));
  if (entry.kind == Kind::ended) entry.report = report_of(row);
  if (!row.is_null(11)) entry.killed_by = value_of(kKilledByNumbers, row.integer(11));
  if (!row.is_null(20)) entry.retry_in = Nanos(row.integer(20));
  entry.error = row.text(21);
  entry.reason = value_of(kReasonNumbers, row.integer(22)).value_or(SkipReason::missed);
  entry.count = row.is_null(23) ? 1 : count(row, 23);
  return entry;
}

Answer<std::vector<HistoryEntry>> read_entries(SqliteStatement& bound) {
  std::vector<HistoryEntry> entries;
  auto row = bound.step();
  for (; row && *row; row = bound.step()) entries.push_back(entry_of(bound));
  if (!row) return tl::unexpected(row.error());
  return entries;
}

// ?1 since, ?2 until, ?3 and ?4 where the page begins, ?5 the task, ?6 the lowest number, ?7 the page's length.
std::string running_page(const HistoryQuery& query) {
  return fmt::format(
      "SELECT {} FROM claim e JOIN task t ON t.id = e.task WHERE e.at < ?2 AND e.number < ?4{} ORDER BY e.number DESC"
      " LIMIT ?7",
      kRunningColumns, query.task ? " AND t.name = ?5" : "");
}

std::string_view failed_only(const HistoryQuery& query) { return query.failed ? " AND e.kind BETWEEN 1 AND 3" : ""; }

constexpr std::string_view kMeant = "e.retry_in IS NULL AND e.at + ifnull(e.duration, 0) >= ?1 AND e.at < ?2";

std::string ended_page(const HistoryQuery& query) {
  return fmt::format(
      "SELECT {} FROM entry e LEFT JOIN task t ON t.id = e.task WHERE {}{} AND e.number < ?4 AND e.number >= ?6"
      " ORDER BY e.number DESC LIMIT ?7",
      kColumns, kMeant, failed_only(query));
}

// Both halves come in order by the index of due times, and are merged.
std::string ended_page_of_task(const HistoryQuery& query) {
  const auto half = [&](std::string_view whose) {
    return fmt::format(
        "SELECT {} FROM entry e LEFT JOIN task t ON t.id = e.task WHERE {} AND {}{} AND (e.due, e.number) < (?3, ?4)",
        kColumns, whose, kMeant, failed_only(query));
  };
  return fmt::format("{} UNION ALL {} ORDER BY 6 DESC, 1 DESC LIMIT ?7",
                     half("e.task = (SELECT id FROM task WHERE name = ?5)"), half("e.task IS NULL"));
}

// Whether the file can be read, and is of a version that we know.
HistoryAnswer<void> check(SqliteConnection& connection, const std::string& path) {
  if (auto only = connection.execute("PRAGMA query_only = ON"); !only) return tl::unexpected(trouble_of(only.error()));
  const auto version = history_version(connection, path);
  if (!version) return tl::unexpected(version.error());
  if (*version > 0) return {};
  return tl::unexpected(HistoryTrouble{{fmt::format("'{}' is empty", path)}, HistoryTrouble::Kind::absent});
}

}  // namespace

std::string_view word_of(const HistoryEntry& entry) {
  switch (entry.kind) {
    case Kind::running: return "running";
    case Kind::ended: return to_word(entry.outcome);
    case Kind::skipped: return "skipped";
    case Kind::gap: return "gap";
  }
  __builtin_unreachable();
}

HistoryAnswer<HistoryReader> HistoryReader::open(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    const bool is_absent = errno == ENOENT || errno == ENOTDIR;
    return tl::unexpected(HistoryTrouble{fail_errno(fmt::format("cannot open '{}'", path), errno).value(),
                                         is_absent ? HistoryTrouble::Kind::absent : HistoryTrouble::Kind::other});
  }
  // For writing, although nothing is written: only so can SQLite take in what a runner that died had in its log. Where
  // the file may not be written, SQLite opens it for reading.
  HistoryAnswer<void> checked;
  for (const SqliteAccess access : {SqliteAccess::read_write, SqliteAccess::unchanging}) {
    auto connection = SqliteConnection::open(path, access, limits::kHistoryPatience);
    if (!connection) return tl::unexpected(trouble_of(connection.error()));
    checked = check(*connection, path);
    if (checked) return HistoryReader(std::move(*connection));
    const auto beside = connection->ask("SELECT count(*) FROM sqlite_schema");
    const bool needs_rights = !beside && (beside.error().kind == database::FailureKind::unavailable ||
                                          beside.error().kind == database::FailureKind::read_only);
    struct stat log{};
    const bool has_log = ::stat((path + "-wal").c_str(), &log) == 0 && log.st_size > 0;
    if (!needs_rights || has_log) break;
  }
  return tl::unexpected(checked.error());
}

Answer<std::vector<HistoryEntry>> HistoryReader::page(const std::string& sql, const HistoryQuery& query,
                                                      const Place& before, std::size_t length) {
  std::int64_t lowest = 0;
  if (query.since && !query.task) {
    // A day more, because a clock may have been set back meanwhile.
    constexpr auto kSlack = std::chrono::hours(24);
    const auto first = first_ended_after(std::max(*query.since, WallTime::min() + kSlack) - kSlack);
    if (!first) return tl::unexpected(first.error());
    lowest = *first;
  }
  auto statement = connection_.prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  statement->bind(1, query.since ? nanoseconds(*query.since) : kLeast);
  statement->bind(2, query.until ? nanoseconds(*query.until) : kMost);
  statement->bind(3, before.due);
  statement->bind(4, before.number);
  if (query.task) statement->bind(5, std::string_view(*query.task));
  statement->bind(6, lowest);
  statement->bind(7, static_cast<std::int64_t>(length));
  return read_entries(*statement);
}

HistoryAnswer<void> HistoryReader::list(const HistoryQuery& query,
                                        const std::function<bool(const HistoryEntry&)>& take) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::uint64_t left = query.limit == 0 ? std::numeric_limits<std::uint64_t>::max() : query.limit;
  std::vector<std::string> parts;
  if (!query.failed) parts.push_back(running_page(query));
  parts.push_back(query.task ? ended_page_of_task(query) : ended_page(query));
  for (const std::string& sql : parts) {
    Place before{kMost, kMost};
    for (bool is_more = true; is_more && left > 0;) {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(left, limits::kHistoryPage));
      const auto entries = page(sql, query, before, length);
      if (!entries) return tl::unexpected(trouble_of(entries.error()));
      for (const HistoryEntry& entry : *entries) {
        if (!take(entry)) return {};
        before = {nanoseconds(entry.scheduled_at), entry.number};
      }
      left -= entries->size();
      is_more = entries->size() == length;
    }
  }
  return {};
}

// Entries end in the order of their numbers, but for clocks that are set: a search by halves.
Answer<std::int64_t> HistoryReader::first_ended_after(WallTime time) {
  auto bounds = connection_.prepare("SELECT (SELECT min(number) FROM entry), (SELECT max(number) FROM entry)");
  if (!bounds) return tl::unexpected(bounds.error());
  if (auto row = bounds->step(); !row) return tl::unexpected(row.error());
  std::int64_t low = bounds->integer(0), high = bounds->integer(1) + 1;
  auto at = connection_.prepare(
      "SELECT number, at + ifnull(duration, 0) FROM entry WHERE number >= ?1 ORDER BY number LIMIT 1");
  if (!at) return tl::unexpected(at.error());
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    at->bind(1, middle);
    const auto row = at->step();
    if (!row) return tl::unexpected(row.error());
    const bool is_before = *row && at->integer(1) < nanoseconds(time);
    at->reset();
    is_before ? low = middle + 1 : high = middle;
  }
  return low;
}

HistoryAnswer<std::vector<HistoryEntry>> HistoryReader::attempts(const RunId& run) {
  auto statement = connection_.prepare(fmt::format(
      "SELECT {} FROM entry e LEFT JOIN task t ON t.id = e.task WHERE e.run = ?1 ORDER BY e.attempt", kColumns));
  auto claim = connection_.prepare(
      fmt::format("SELECT {} FROM claim e JOIN task t ON t.id = e.task WHERE e.run = ?1", kRunningColumns));
  if (!statement) return tl::unexpected(trouble_of(statement.error()));
  if (!claim) return tl::unexpected(trouble_of(claim.error()));
  statement->bind(1, bytes_of(run));
  auto entries = told(read_entries(*statement));
  if (!entries) return entries;
  claim->bind(1, bytes_of(run));
  const auto running = told(read_entries(*claim));
  if (!running) return running;
  entries->insert(entries->end(), running->begin(), running->end());
  return entries;
}

// By its beginning the index finds a run at once. By its end all of the index is read: some tenths of a second for a
// million.
HistoryAnswer<std::vector<RunId>> HistoryReader::find_runs(std::string_view digits, std::size_t limit) {
  std::string hex;
  std::ranges::copy_if(digits, std::back_inserter(hex), [](char c) { return c != '-'; });
  std::vector<RunId> found;
  const bool are_digits = std::ranges::all_of(hex, [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (hex.empty() || hex.size() > 32 || !are_digits) return found;
  const auto read = [&](std::string_view rule) -> Answer<void> {
    auto statement = connection_.prepare(
        fmt::format("SELECT run FROM claim WHERE {0} UNION SELECT run FROM entry WHERE {0} LIMIT ?2", rule));
    if (!statement) return tl::unexpected(statement.error());
    statement->bind(1, std::string_view(hex));
    statement->bind(2, static_cast<std::int64_t>(limit));
    auto row = statement->step();
    for (; row && *row; row = statement->step()) found.push_back(run_id(statement->bytes(0)));
    if (!row) return tl::unexpected(row.error());
    return {};
  };
  std::string lowest = hex, highest = hex;
  lowest.resize(32, '0');
  highest.resize(32, 'f');
  auto asked = read(fmt::format("run BETWEEN x'{}' AND x'{}' AND ?1 IS NOT NULL", lowest, highest));
  if (asked && found.empty()) asked = read("substr(hex(run), -length(?1)) = upper(?1)");
  if (!asked) return tl::unexpected(trouble_of(asked.error()));
  return found;
}

HistoryAnswer<HistoryOutput> HistoryReader::output(std::int64_t number) {
  auto statement = connection_.prepare("SELECT stdout, stderr, result FROM output WHERE number = ?1");
  if (!statement) return tl::unexpected(trouble_of(statement.error()));
  statement->bind(1, number);
  const auto row = statement->step();
  if (!row) return tl::unexpected(trouble_of(row.error()));
  if (!*row) return HistoryOutput{};
  return HistoryOutput{std::string(statement->text(0)), std::string(statement->text(1)),
                       std::string(statement->text(2))};
}

HistoryAnswer<bool> HistoryReader::has_task(std::string_view name) {
  auto statement = connection_.prepare("SELECT 1 FROM task WHERE name = ?1");
  if (!statement) return tl::unexpected(trouble_of(statement.error()));
  statement->bind(1, name);
  return told(statement->step());
}

}  // namespace taskrun::report
