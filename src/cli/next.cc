#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/due_times.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/moment.h"
#include "cli/next_batch.h"
#include "cli/run.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "cli/waiting.h"
#include "report/line_writer.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

// A due time as it is shown.
struct Row {
  Instant at;
  Zone zone;
  std::string task;  // "" where there is only an expression
  bool is_from_start = false;
};

std::string to_table(const std::vector<Row>& rows, const Instant& from, const Terminal& terminal) {
  const bool has_tasks = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return !row.task.empty(); });
  std::vector<std::vector<Cell>> cells;
  for (const Row& row : rows) {
    auto& line = cells.emplace_back();
    line.push_back({moment_text(row.at, row.zone)});
    line.push_back({in_words(from, row.at)});
    if (has_tasks) line.push_back({row.task + (row.is_from_start ? " *" : "")});
  }
  std::vector<std::string> heading{"WHEN", "IN"};
  if (has_tasks) heading.emplace_back("TASK");
  return table(terminal, heading, cells);
}

std::string to_text(const std::vector<Row>& rows, const Instant& from, const Terminal& terminal) {
  if (rows.empty()) return "nothing comes\n";
  const bool has_mark = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.is_from_start; });
  return to_table(rows, from, terminal) +
         (has_mark ? "\n* counts from the runner's start: shown as if it started at the moment asked for\n" : "");
}

// As the event lines write them, however far away.
std::string milliseconds_text(const Instant& from, const Instant& to) {
  auto seconds = (to.second - from.second).count();
  Nanos rest = to.fraction - from.fraction;
  if (rest < Nanos::zero()) {
    rest += std::chrono::seconds(1);
    --seconds;
  }
  const std::string part = format_milliseconds(rest);
  return seconds == 0 ? part : fmt::format("{}{:0>7}", seconds, part);
}

std::string to_json(const Row& row, const Instant& from) {
  std::string out;
  report::LineWriter writer(out);
  if (!row.task.empty()) writer.word("task", row.task);
  writer.word("at", exact_text(row.at, row.zone));
  writer.word("timezone", row.zone.name());
  writer.json("in_ms", milliseconds_text(from, row.at));
  if (!row.task.empty()) writer.flag("from_runner_start", row.is_from_start);
  writer.close();
  return out;
}

std::string to_json(const std::vector<Row>& rows, const Instant& from) {
  std::string out = "[";
  for (const Row& row : rows) out += fmt::format("{}{}", out.size() > 1 ? ",\n" : "\n", to_json(row, from));
  return out + (rows.empty() ? "]\n" : "\n]\n");
}

int show(const std::vector<Row>& rows, const Instant& from, bool json) {
  return answer(json ? to_json(rows, from) : to_text(rows, from, terminal_at(STDOUT_FILENO)));
}

int refuse_usage(std::string_view message) {
  return give_up(fmt::format("taskrun next: {}\nsee 'taskrun next --help'\n", message), kUsage);
}

// The expression with a mark below the place of the mistake.
std::string told(std::string_view expression, const CronSyntaxError& error) {
  std::string out = fmt::format("taskrun next: --cron: {}\n", error.message);
  if (expression.size() <= 70) out += fmt::format("  {}\n  {:>{}}\n", flattened(expression), "^", error.column);
  if (!error.hint.empty()) out += fmt::format("  hint: {}\n", error.hint);
  return out;
}

int next_of_expression(const NextOptions& options, const Instant& from) {
  const auto zone = options.timezone ? find_zone(*options.timezone) : local_zone();
  if (!zone) {
    const SyntaxError& error = zone.error();
    return refuse_usage(fmt::format("{}{}{}", error.message, error.hint.empty() ? "" : ": ", error.hint));
  }
  const auto cron = parse_cron(*options.cron, *zone);
  if (!cron) return give_up(told(*options.cron, cron.error()), kUsage);
  for (const std::string& warning : cron->warnings) tell(fmt::format("taskrun next: warning: {}\n", warning));
  const auto* const calendar = std::get_if<CronExpression>(&cron->schedule);
  std::vector<Row> rows;
  for (const Instant& time : coming(*cron, from.second, static_cast<std::size_t>(options.count.value))) {
    rows.push_back({time, calendar != nullptr ? calendar->zone() : *zone, "", false});
  }
  return show(rows, from, options.json);
}

// Why a task that was asked for by name is not in the answer.
std::string reason_for_silence(const TaskSpec& task, WallTime from) {
  if (!task.policy->enabled) return "is disabled";
  if (std::holds_alternative<OnRequest>(task.schedule)) return "has no schedule: it runs only when asked";
  return next_due_after(task.schedule, from, from) ? "" : "is never due again";
}

int next_of_tasks(const NextOptions& options, const Instant& asked) {
  const std::optional<WallTime> from = wall_time(asked);
  if (!from) return refuse_usage("--from: tasks run in the years from 1678 to 2261");
  const ManifestReading reading = read_manifest(options.manifest);
  if (reading.exit_code != kDone) {
    tell(told(reading, terminal_at(STDERR_FILENO)));
    return reading.exit_code;
  }
  const Result<std::vector<TaskSpecPtr>> tasks = select(reading.manifest, {.names = options.tasks});
  if (!tasks) return give_up(fmt::format("taskrun next: {}\n", tasks.error().message), kWrongManifest);
  for (const TaskSpecPtr& task : *tasks) {
    const std::string reason = options.tasks.empty() ? "" : reason_for_silence(*task, *from);
    if (!reason.empty()) tell(fmt::format("taskrun next: '{}' {}\n", task->name, reason));
  }
  std::vector<Row> rows;
  for (const DueTime& due : coming(*tasks, *from, static_cast<std::size_t>(options.count.value))) {
    rows.push_back({due.at, zone_of(*due.task), due.task->name, is_from_start(due.task->schedule)});
  }
  return show(rows, *from, options.json);
}

}  // namespace

int next(const NextOptions& options) {
  if (options.batch) {
    if (options.cron || !options.tasks.empty()) return refuse_usage("--batch takes its questions from stdin only");
    return answer_batch();
  }
  const Instant from = options.from.value_or(sys::read_clocks().wall);
  if (options.timezone && !options.cron) return refuse_usage("--timezone is the zone of --cron, and there is none");
  if (options.cron && !options.tasks.empty())
    return refuse_usage("--cron takes the place of the tasks: give one of both");
  return options.cron ? next_of_expression(options, from) : next_of_tasks(options, from);
}

}  // namespace taskrun::cli
