#include "cli/history_table.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/signals.h"
#include "base/text.h"
#include "cli/length.h"
#include "cli/moment.h"
#include "cli/table.h"

namespace taskrun::cli {
namespace {

using Kind = Recorded::Kind;

std::string ending(const Recorded& entry) {
  const ExitStatus& exit = entry.report.exit;
  std::string text;
  if (exit.signal) text = signal_name(*exit.signal);
  if (exit.exit_code && entry.outcome != Outcome::success) text = fmt::format("exit {}", *exit.exit_code);
  if (entry.killed_by) text += fmt::format("{}({})", text.empty() ? "" : " ", to_word(*entry.killed_by));
  return text;
}

std::string took(const Recorded& entry, WallTime now) {
  switch (entry.kind) {
    case Kind::running: return entry.is_unfinished ? "-" : age_of(entry.at, now);
    case Kind::ended: return length_of(entry.duration);
    case Kind::skipped:
    case Kind::gap: return "-";
  }
  __builtin_unreachable();
}

// Eighths of a line's height.
std::string sparks(const std::vector<Nanos>& durations) {
  static constexpr std::array kMarks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (durations.empty()) return "";
  const Nanos longest = std::max(*std::ranges::max_element(durations), Nanos(1));
  std::string text;
  for (const Nanos duration : durations) {
    const double share = static_cast<double>(duration.count()) / static_cast<double>(longest.count());
    text += kMarks.at(static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * 7.0 + 0.5));
  }
  return text;
}

// Rounded down, so that only what never failed has 100 %.
std::string rate(const report::TaskSummary& summary) {
  if (summary.runs == 0) return "-";
  return fmt::format("{}%", summary.successes * 100 / summary.runs);
}

Paint rate_paint(const report::TaskSummary& summary) {
  if (summary.successes == summary.runs) return Paint::green;
  return summary.successes * 10 >= summary.runs * 9 ? Paint::yellow : Paint::red;
}

std::string length_or_dash(const report::TaskSummary& summary, Nanos length) {
  return summary.runs == 0 ? "-" : length_of(length);
}

}  // namespace

std::string second_text(WallTime time, Zone zone) {
  constexpr std::size_t kWeekday = 4, kLength = 19;
  return moment_text(time, zone).substr(kWeekday, kLength);
}

Paint paint_of(const Recorded& entry) {
  if (entry.is_unfinished) return Paint::red;
  if (entry.kind == Kind::running) return Paint::bold;
  if (entry.kind == Kind::skipped) return Paint::yellow;
  if (entry.kind == Kind::gap) return Paint::red;
  if (entry.outcome == Outcome::success) return Paint::green;
  return entry.outcome == Outcome::cancelled ? Paint::yellow : Paint::red;
}

std::string remark_on(const Recorded& entry) {
  if (entry.kind == Kind::gap) {
    return fmt::format("{} records lost since {}", entry.count, format_utc(entry.scheduled_at).substr(0, 19) + "Z");
  }
  std::vector<std::string> parts;
  if (entry.kind == Kind::skipped) parts.emplace_back(to_word(entry.reason));
  if (entry.kind == Kind::skipped && entry.count > 1) parts.push_back(fmt::format("{} due times", entry.count));
  if (entry.is_unfinished) parts.emplace_back("its runner is gone");
  if (entry.kind == Kind::ended) parts.push_back(ending(entry));
  if (entry.attempt > 1) parts.push_back(fmt::format("attempt {}", entry.attempt));
  if (entry.trigger != Trigger::schedule) parts.emplace_back(to_word(entry.trigger));
  parts.push_back(printable(entry.error));
  std::erase(parts, "");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string history_table(const std::vector<Recorded>& entries, bool has_heading, WallTime now, Zone zone,
                          const Terminal& terminal) {
  std::vector<std::vector<Cell>> rows;
  for (const Recorded& entry : entries) {
    const bool is_gap = entry.kind == Kind::gap;
    rows.push_back({{second_text(entry.at, zone)},
                    {is_gap ? "-" : printable(entry.task)},
                    {std::string(word_of(entry)), paint_of(entry)},
                    {took(entry, now)},
                    {is_gap ? "-" : entry.run.text().substr(28), Paint::dim},
                    {remark_on(entry)}});
  }
  std::vector<std::string> heading;
  if (has_heading) heading = {"WHEN", "TASK", "OUTCOME", "TOOK", "RUN", "REMARK"};
  return table(terminal, heading, rows);
}

std::string summary_table(const std::vector<report::TaskSummary>& summaries, Zone zone, const Terminal& terminal) {
  std::vector<std::vector<Cell>> rows;
  for (const report::TaskSummary& task : summaries) {
    rows.push_back({{printable(task.task)},
                    {fmt::format("{}", task.runs)},
                    {rate(task), rate_paint(task)},
                    {length_or_dash(task, task.median)},
                    {length_or_dash(task, task.p95)},
                    {length_or_dash(task, task.longest)},
                    {sparks(task.latest)},
                    {task.last_success ? day_text(*task.last_success, zone) : "-"}});
  }
  return table(terminal, {"TASK", "RUNS", "OK", "P50", "P95", "MAX", "LAST RUNS", "LAST SUCCESS"}, rows);
}

}  // namespace taskrun::cli
