#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/history_limits.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/columns.h"
#include "cli/exit_codes.h"
#include "cli/history_place.h"
#include "cli/history_table.h"
#include "cli/history_text.h"
#include "cli/length.h"
#include "cli/moment.h"
#include "cli/run.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

using report::HistoryOutput;
using Kind = Recorded::Kind;

struct AttemptShown {
  Recorded entry;
  HistoryOutput output;
};

tl::unexpected<Trouble> no_such_run(int exit_code, std::string message) {
  return tl::unexpected(Trouble{exit_code, "unknown_run", std::move(message)});
}

Answered<RunId> run_meant(report::HistoryReader& reader, const std::string& word) {
  constexpr std::size_t kMost = 10;
  const std::string shown = printable(word, 40);
  if (word.size() < limits::kRunDigits) {
    return no_such_run(
        kUsage, fmt::format("'{}' is too short: give {} digits or more of a run's id", shown, limits::kRunDigits));
  }
  const auto found = reader.find_runs(word, kMost + 1);
  if (!found) return tl::unexpected(trouble_of(found.error()));
  if (found->size() == 1) return found->front();
  if (found->empty()) return no_such_run(kNotDone, fmt::format("no run '{}' is recorded", shown));
  std::string list;
  for (std::size_t i = 0; i < std::min(found->size(), kMost); ++i) list += "\n  " + (*found)[i].text();
  if (found->size() > kMost) list += "\n  … and more: give more digits";
  return no_such_run(kNotDone, fmt::format("'{}' is the beginning or the end of several runs:{}", shown, list));
}

// What a program wrote, as a terminal may have it: every line indented, and nothing in it that a terminal obeys.
std::string quoted_output(std::string_view title, std::string_view bytes) {
  if (bytes.empty()) return "";
  std::string text = fmt::format("\n{}:\n", title);
  while (!bytes.empty()) {
    std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    text += "  ";
    while (!line.empty()) {
      const std::string_view part = line.substr(0, line.find('\t'));
      text += printable(part, part.size());
      line.remove_prefix(part.size());
      if (line.starts_with('\t')) text += '\t', line.remove_prefix(1);
    }
    text += '\n';
  }
  return text;
}

std::string output_text(const AttemptReport& report) {
  std::string text = fmt::format("{} bytes", report.output_bytes);
  if (report.truncated_bytes > 0) text += fmt::format(", the first {} left out", report.truncated_bytes);
  if (!report.output_complete) text += ", cut off: a process held it open";
  return text;
}

std::vector<Row> rows_of_ended(const Recorded& entry, Zone zone) {
  const AttemptReport& report = entry.report;
  std::vector<Row> rows{{"started", moment_text(entry.at, zone)}, {"took", length_of(entry.duration)}};
  if (report.pid != 0) {
    rows.push_back(
        {"cpu", fmt::format("{} user, {} system", length_of(report.cpu_user), length_of(report.cpu_system))});
    rows.push_back({"memory", fmt::format("{} KiB at most", report.max_rss_kib)});
    rows.push_back({"pid", fmt::format("{}", report.pid)});
    rows.push_back({"output", output_text(report)});
  }
  if (report.leftovers_killed > 0)
    rows.push_back({"leftovers", fmt::format("{} processes ended", report.leftovers_killed)});
  if (report.exit.core_dumped) rows.push_back({"core", "dumped"});
  if (entry.retry_in) rows.push_back({"retry", "after " + length_of(*entry.retry_in)});
  if (!entry.error.empty()) rows.push_back({"error", printable(entry.error, 1'000)});
  return rows;
}

std::vector<Row> rows_of_open(const Recorded& entry, WallTime now, Zone zone) {
  std::vector<Row> rows{{"started", moment_text(entry.at, zone)}};
  if (!entry.is_unfinished) rows.push_back({"alive for", age_of(entry.at, now)});
  return rows;
}

std::vector<Row> rows_of(const Recorded& entry, WallTime now, Zone zone) {
  switch (entry.kind) {
    case Kind::running: return rows_of_open(entry, now, zone);
    case Kind::ended: return rows_of_ended(entry, zone);
    case Kind::skipped:
    case Kind::gap: return {{"skipped", moment_text(entry.at, zone)}};
  }
  __builtin_unreachable();
}

// The outcome, and in how it came to it what is not as usual.
std::string outcome_text(Recorded entry, const Terminal& terminal) {
  entry.attempt = 1;
  entry.trigger = Trigger::schedule;
  entry.error.clear();
  const std::string remark = remark_on(entry);
  return paint(terminal, paint_of(entry), word_of(entry)) + (remark.empty() ? "" : ", " + remark);
}

std::string lines(const std::vector<Row>& rows) {
  std::string text;
  for (const auto& [left, right] : rows) text += fmt::format("{:<10} {}\n", left, right);
  return text;
}

std::string to_text(const std::vector<AttemptShown>& attempts, const Terminal& terminal) {
  const Zone zone = viewer_zone();
  const Recorded& last = attempts.back().entry;
  std::string text = lines({{"run", last.run.text()},
                            {"task", printable(last.task)},
                            {"trigger", std::string(to_word(last.trigger))},
                            {"due", moment_text(last.scheduled_at, zone)}});
  for (const auto& [entry, output] : attempts) {
    text += attempts.size() > 1 || entry.attempt > 1 ? fmt::format("\nattempt    {}\n", entry.attempt) : "";
    text += lines({{"outcome", outcome_text(entry, terminal)}});
    text += lines(rows_of(entry, sys::read_clocks().wall, zone));
    if (!output.result.empty()) text += lines({{"result", printable(output.result, output.result.size())}});
    text += quoted_output("stdout", output.stdout_tail) + quoted_output("stderr", output.stderr_tail);
  }
  return text;
}

std::string to_json(const std::vector<AttemptShown>& attempts) {
  const Recorded& last = attempts.back().entry;
  std::string text = fmt::format(R"({{"run_id":"{}","task":"{}","state":"{}","attempts":[)", last.run.text(), last.task,
                                 state_of(last));
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const bool has_output = attempts[i].entry.kind == Kind::ended;
    text += (i > 0 ? ",\n" : "\n") + cli::to_json(attempts[i].entry, has_output ? &attempts[i].output : nullptr);
  }
  return text + "\n]}\n";
}

Answered<std::vector<AttemptShown>> read_run(const ShowRunOptions& options) {
  auto history = open_history(options.of);
  if (!history) return tl::unexpected(history.error());
  report::HistoryReader& reader = history->reader;
  const auto run = run_meant(reader, options.run);
  if (!run) return tl::unexpected(run.error());
  const auto entries = reader.attempts(*run);
  if (!entries) return tl::unexpected(trouble_of(entries.error()));
  std::vector<AttemptShown> attempts;
  for (const report::HistoryEntry& entry : *entries) {
    const bool may_have_output = entry.kind == Kind::ended;
    auto output = may_have_output ? reader.output(entry.number) : report::HistoryAnswer<HistoryOutput>();
    if (!output) return tl::unexpected(trouble_of(output.error()));
    attempts.push_back({recorded(entry, history->has_runner), std::move(*output)});
  }
  if (attempts.empty()) return no_such_run(kNotDone, "the run has just been forgotten");
  return attempts;
}

}  // namespace

int show(const ShowRunOptions& options) {
  const auto attempts = read_run(options);
  if (!attempts) return give_up("show", {.json = options.json}, attempts.error());
  return answer(options.json ? to_json(*attempts) : to_text(*attempts, terminal_at(STDOUT_FILENO)));
}

}  // namespace taskrun::cli
