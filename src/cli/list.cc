#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/due_times.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/moment.h"
#include "cli/run.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "cli/waiting.h"
#include "report/line_writer.h"
#include "schedule/duration.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

// When the task runs first, if the runner started now; nothing where it does not run by itself.
std::optional<WallTime> first_run(const TaskSpec& task, WallTime now) {
  if (!task.policy->enabled) return std::nullopt;
  if (task.policy->run_at_start) return now;
  return next_due_after(task.schedule, now, now);
}

// Without the zone, which the next time shows by its offset.
std::string schedule_text(const TaskSpec& task) {
  const auto* const cron = std::get_if<Cron>(&task.schedule);
  if (cron == nullptr) return describe(task.schedule);
  const std::size_t count = cron->expressions().size();
  return fmt::format("cron {}{}", cron->expressions().front().text(),
                     count > 1 ? fmt::format(" and {} more", count - 1) : "");
}

std::string timeout_of(const TaskSpec& task) {
  return task.policy->timeout ? format_duration(*task.policy->timeout) : "none";
}

Cell next_cell(const TaskSpec& task, WallTime now) {
  if (!task.policy->enabled) return {"disabled", Paint::yellow};
  const std::optional<WallTime> next = first_run(task, now);
  if (!next) return {"-", Paint::dim};
  if (*next == now) return {"at start"};
  return {is_from_start(task.schedule) ? in_words(*next - now) : minute_text(*next, zone_of(task))};
}

// The same time on the clock of who looks, where that is another.
std::string here_text(const TaskSpec& task, WallTime now, Zone here) {
  const std::optional<WallTime> next = first_run(task, now);
  if (!next || *next == now || is_from_start(task.schedule)) return "";
  const bool is_same = civil_time(*next, zone_of(task)).offset == civil_time(*next, here).offset;
  return is_same ? "" : day_text(*next, here);
}

std::string to_table(const std::vector<TaskSpecPtr>& tasks, WallTime now, const Terminal& terminal) {
  const Zone here = viewer_zone();
  const bool has_here = std::any_of(tasks.begin(), tasks.end(),
                                    [&](const TaskSpecPtr& task) { return !here_text(*task, now, here).empty(); });
  std::vector<std::vector<Cell>> rows;
  for (const TaskSpecPtr& task : tasks) {
    const bool has_no_timeout = !task->policy->timeout;
    auto& row = rows.emplace_back();
    row.insert(row.end(), {{task->name}, {printable(schedule_text(*task))}, next_cell(*task, now)});
    if (has_here) row.push_back({here_text(*task, now, here)});
    row.push_back({timeout_of(*task), has_no_timeout ? std::optional(Paint::yellow) : std::nullopt});
    row.push_back({printable(task->policy->description), Paint::dim});
  }
  std::vector<std::string> heading{"NAME", "SCHEDULE", "NEXT", "TIMEOUT", "DESCRIPTION"};
  if (!has_here) return table(terminal, heading, rows, Narrowing{.expendable = {4}, .elastic = 2});
  heading.insert(heading.begin() + 3, "HERE");
  return table(terminal, heading, rows, Narrowing{.expendable = {3, 5}, .elastic = 2});
}

std::string to_json(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ',';
    report::append_json_string(list, text);
  }
  return list + ']';
}

void append_milliseconds(report::LineWriter& writer, std::string_view key, std::optional<Nanos> value) {
  value ? writer.milliseconds(key, *value) : writer.null(key);
}

// The first due time as event lines have it, and on the two clocks: the task's and the viewer's.
void append_next(report::LineWriter& writer, const TaskSpec& task, WallTime now) {
  const std::optional<WallTime> next = first_run(task, now);
  next ? writer.time("next_run_at", *next) : writer.null("next_run_at");
  if (!next || is_from_start(task.schedule)) return;
  writer.word("timezone", zone_of(task).name());
  writer.word("next_run_local", exact_text(*next, zone_of(task)));
  writer.word("next_run_here", exact_text(*next, viewer_zone()));
}

std::string to_json(const TaskSpec& task, WallTime now) {
  const TaskPolicy& policy = *task.policy;
  std::string out;
  report::LineWriter writer(out);
  writer.word("name", task.name);
  writer.text("description", policy.description);
  writer.json("tags", to_json(policy.tags));
  writer.flag("enabled", policy.enabled);
  writer.text("schedule", describe(task.schedule));
  if (const auto* const every = std::get_if<Every>(&task.schedule)) writer.milliseconds("every_ms", every->period);
  if (const auto* const delay = std::get_if<Delay>(&task.schedule)) writer.milliseconds("delay_ms", delay->wait);
  writer.flag("run_at_start", policy.run_at_start);
  append_next(writer, task, now);
  append_milliseconds(writer, "timeout_ms", policy.timeout);
  writer.milliseconds("grace_ms", policy.grace);
  writer.word("overlap", to_word(policy.overlap));
  policy.pool.empty() ? writer.null("pool") : writer.text("pool", policy.pool);
  writer.number("attempts", policy.retry.attempts);
  writer.close();
  return out;
}

std::string to_json(const std::vector<TaskSpecPtr>& tasks, WallTime now) {
  std::string out = "[";
  for (const TaskSpecPtr& task : tasks) out += fmt::format("{}{}", out.size() > 1 ? ",\n" : "\n", to_json(*task, now));
  return out + (tasks.empty() ? "]\n" : "\n]\n");
}

}  // namespace

int list(const ListOptions& options) {
  const ManifestReading reading = read_manifest(options.manifest);
  if (reading.exit_code != kDone) {
    tell(told(reading, terminal_at(STDERR_FILENO)));
    return reading.exit_code;
  }
  const Result<std::vector<TaskSpecPtr>> tasks = select(reading.manifest, {.tags = options.tags});
  if (!tasks) return give_up(fmt::format("taskrun list: {}\n", tasks.error().message), kWrongManifest);
  const WallTime now = sys::read_clocks().wall;
  if (options.json) return answer(to_json(*tasks, now));
  return answer(to_table(*tasks, now, terminal_at(STDOUT_FILENO)));
}

}  // namespace taskrun::cli
