#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "base/history_limits.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/history_place.h"
#include "cli/history_table.h"
#include "cli/history_text.h"
#include "cli/moment.h"
#include "cli/run.h"
#include "schedule/duration.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

tl::unexpected<Trouble> wrong_usage(std::string message) {
  return tl::unexpected(Trouble{kUsage, "usage", std::move(message)});
}

// "24h" is a day ago; everything else is a time.
Answered<std::optional<WallTime>> time_meant(std::string_view flag, const std::optional<std::string>& text,
                                             WallTime now) {
  if (!text) return std::optional<WallTime>();
  if (const auto ago = parse_duration(*text, DurationUnits::manifest); ago && *ago >= Nanos::zero()) {
    return std::optional(now - *ago);
  }
  const bool is_day = text->size() == std::string_view("2026-02-03").size();
  const auto moment = read_moment(is_day ? *text + "T00:00" : *text, viewer_zone());
  if (moment) return std::optional(moment->time);
  return wrong_usage(fmt::format("{} '{}' is neither a duration, as 24h, nor a time: {}", flag, printable(*text, 40),
                                 moment.error().message));
}

Answered<report::HistoryQuery> query_of(const HistoryOptions& options, WallTime now) {
  if (options.json && options.csv) return wrong_usage("--json and --csv exclude each other");
  if (options.summary && options.csv) return wrong_usage("--summary has no --csv");
  if (options.summary && options.failed) return wrong_usage("--summary is over all runs: it has no --failed");
  const auto since = time_meant("--since", options.since, now);
  if (!since) return tl::unexpected(since.error());
  const auto until = time_meant("--until", options.until, now);
  if (!until) return tl::unexpected(until.error());
  return report::HistoryQuery{options.task, options.failed, *since, *until, options.limit.value};
}

// Writes entries as they come, a part at a time.
class Output {
 public:
  virtual ~Output() = default;
  /// An exit code.
  [[nodiscard]] virtual int write(const std::vector<Recorded>& part) = 0;
  [[nodiscard]] virtual int end() { return kDone; }
};

// The columns of each part are as wide as it needs; one screen is one part.
class TableOutput final : public Output {
 public:
  int write(const std::vector<Recorded>& part) override {
    const bool is_first = std::exchange(is_first_, false);
    return answer(history_table(part, is_first, now_, viewer_zone(), terminal_at(STDOUT_FILENO)));
  }
  int end() override {
    if (is_first_) tell("nothing is recorded\n");
    return kDone;
  }

 private:
  WallTime now_ = sys::read_clocks().wall;
  bool is_first_ = true;
};

class JsonOutput final : public Output {
 public:
  int write(const std::vector<Recorded>& part) override {
    std::string text;
    for (const Recorded& entry : part) text += std::exchange(before_, ",\n") + to_json(entry);
    return answer(text);
  }
  int end() override { return answer(before_ == "[\n" ? "[]\n" : "\n]\n"); }

 private:
  std::string before_ = "[\n";
};

class CsvOutput final : public Output {
 public:
  int write(const std::vector<Recorded>& part) override {
    std::string text(std::exchange(before_, ""));
    for (const Recorded& entry : part) text += to_csv(entry);
    return answer(text);
  }
  int end() override { return answer(before_); }

 private:
  std::string before_ = csv_heading();
};

Answered<int> write_list(History& history, const report::HistoryQuery& query, Output& output) {
  std::vector<Recorded> part;
  int written = kDone;
  const auto flush = [&] {
    if (!part.empty()) written = output.write(part);
    part.clear();
    return written == kDone;
  };
  const auto listed = history.reader.list(query, [&](const report::HistoryEntry& entry) {
    part.push_back(recorded(entry, history.has_runner));
    return part.size() < limits::kHistoryLines || flush();
  });
  if (!listed) return tl::unexpected(trouble_of(listed.error()));
  if (written != kDone || !flush()) return written;
  return output.end();
}

Answered<int> write_summary(report::HistoryReader& reader, const report::HistoryQuery& query, bool is_json) {
  const auto summaries = reader.summarize(query);
  if (!summaries) return tl::unexpected(trouble_of(summaries.error()));
  if (!is_json) return answer(summary_table(*summaries, viewer_zone(), terminal_at(STDOUT_FILENO)));
  std::string text = "[";
  for (const auto& summary : *summaries) text += (text.size() > 1 ? ",\n" : "\n") + to_json(summary);
  return answer(text + (summaries->empty() ? "]\n" : "\n]\n"));
}

Answered<int> show_history(const HistoryOptions& options) {
  const auto query = query_of(options, sys::read_clocks().wall);
  if (!query) return tl::unexpected(query.error());
  auto history = open_history(options.of);
  if (!history) return tl::unexpected(history.error());
  if (options.task) {
    const auto is_known = history->reader.has_task(*options.task);
    if (!is_known) return tl::unexpected(trouble_of(is_known.error()));
    if (!*is_known) {
      const std::string message = fmt::format("nothing is recorded of a task '{}'", printable(*options.task, 80));
      return tl::unexpected(Trouble{kWrongManifest, "unknown_task", message});
    }
  }
  if (options.summary) return write_summary(history->reader, *query, options.json);
  TableOutput as_table;
  JsonOutput as_json;
  CsvOutput as_csv;
  Output& output = options.json ? static_cast<Output&>(as_json) : options.csv ? static_cast<Output&>(as_csv) : as_table;
  return write_list(*history, *query, output);
}

}  // namespace

int history(const HistoryOptions& options) {
  const auto shown = show_history(options);
  return shown ? *shown : give_up("history", {.json = options.json}, shown.error());
}

}  // namespace taskrun::cli
