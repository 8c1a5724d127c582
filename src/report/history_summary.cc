// How a task has done: over its last runs, one task after the other, so that what is held in memory is the numbers of
// one task.

#include <algorithm>
#include <limits>

#include "base/history_limits.h"
#include "report/history_reader.h"
#include "report/history_rows.h"
#include "report/history_schema.h"

namespace taskrun::report {
namespace {

using database::Answer;

// The smallest duration that so many hundredths do not exceed. `sorted` is not empty.
Nanos percentile(const std::vector<Nanos>& sorted, std::size_t hundredths) {
  const std::size_t rank = (sorted.size() * hundredths + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void set_durations(TaskSummary& summary, std::vector<Nanos> newest_first) {
  if (newest_first.empty()) return;
  const std::size_t shown = std::min(newest_first.size(), limits::kHistorySparks);
  summary.latest.assign(newest_first.begin(), newest_first.begin() + static_cast<std::ptrdiff_t>(shown));
  std::ranges::reverse(summary.latest);
  std::ranges::sort(newest_first);
  summary.median = percentile(newest_first, 50);
  summary.p95 = percentile(newest_first, 95);
  summary.longest = newest_first.back();
}

}  // namespace

Answer<TaskSummary> HistoryReader::summarize_task(const std::string& name, const HistoryQuery& query) {
  auto statement = connection_.prepare(
      "SELECT kind, at, ifnull(duration, 0), ifnull(count, 1) FROM entry"
      " WHERE task = (SELECT id FROM task WHERE name = ?1) AND retry_in IS NULL AND at + ifnull(duration, 0) >= ?2"
      " AND at < ?3 ORDER BY due DESC");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, std::string_view(name));
  statement->bind(2, query.since ? nanoseconds(*query.since) : std::numeric_limits<std::int64_t>::min());
  statement->bind(3, query.until ? nanoseconds(*query.until) : std::numeric_limits<std::int64_t>::max());
  TaskSummary summary{.task = name};
  std::vector<Nanos> durations;
  auto row = statement->step();
  for (; row && *row && summary.runs < limits::kHistorySummedRuns; row = statement->step()) {
    if (statement->integer(0) == kSkippedNumber) {
      summary.skipped += static_cast<std::uint64_t>(statement->integer(3));
      continue;
    }
    ++summary.runs;
    // One that could not start, or that nobody saw end, took no time that says anything of the task.
    if (statement->integer(0) != number_of(kOutcomeNumbers, Outcome::error)) {
      durations.emplace_back(statement->integer(2));
    }
    if (statement->integer(0) != number_of(kOutcomeNumbers, Outcome::success)) continue;
    ++summary.successes;
    if (!summary.last_success) summary.last_success = moment(statement->integer(1));
  }
  if (!row) return tl::unexpected(row.error());
  set_durations(summary, std::move(durations));
  return summary;
}

HistoryAnswer<std::vector<TaskSummary>> HistoryReader::summarize(const HistoryQuery& query) {
  auto statement = connection_.prepare("SELECT name FROM task WHERE ?1 IS NULL OR name = ?1 ORDER BY name");
  if (!statement) return tl::unexpected(trouble_of(statement.error()));
  if (query.task) statement->bind(1, std::string_view(*query.task));
  std::vector<std::string> names;
  auto row = statement->step();
  for (; row && *row; row = statement->step()) names.emplace_back(statement->text(0));
  if (!row) return tl::unexpected(trouble_of(row.error()));
  statement->reset();
  std::vector<TaskSummary> summaries;
  for (const std::string& name : names) {
    auto summary = summarize_task(name, query);
    if (!summary) return tl::unexpected(trouble_of(summary.error()));
    if (summary->runs + summary->skipped > 0) summaries.push_back(std::move(*summary));
  }
  return summaries;
}

}  // namespace taskrun::report
