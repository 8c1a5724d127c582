#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/run.h"
#include "cli/selection.h"
#include "cli/table.h"
#include "report/line_writer.h"
#include "schedule/duration.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

// How long after a start of the runner the task runs first; nothing where it does not run by itself.
std::optional<Nanos> first_run_in(const TaskSpec& task, WallTime now) {
  struct Wait {
    WallTime now;
    std::optional<Nanos> operator()(const OnRequest&) const { return std::nullopt; }
    std::optional<Nanos> operator()(const Every& every) const { return every.period; }
    std::optional<Nanos> operator()(const Delay& delay) const { return delay.wait; }
    std::optional<Nanos> operator()(const Cron& cron) const { return until(next_due(cron, now)); }
    std::optional<Nanos> operator()(const At& at) const { return until(next_due(at, now)); }
    [[nodiscard]] std::optional<Nanos> until(std::optional<WallTime> due) const {
      return due ? std::optional(*due - now) : std::nullopt;
    }
  };
  if (!task.policy->enabled) return std::nullopt;
  if (task.policy->run_at_start) return Nanos::zero();
  return std::visit(Wait{now}, task.schedule);
}

std::string timeout_of(const TaskSpec& task) {
  return task.policy->timeout ? format_duration(*task.policy->timeout) : "none";
}

Cell next_cell(const TaskSpec& task, WallTime now) {
  if (!task.policy->enabled) return {"disabled", Paint::yellow};
  const std::optional<Nanos> wait = first_run_in(task, now);
  if (!wait) return {"-", Paint::dim};
  return {*wait == Nanos::zero() ? "at start" : "in " + format_duration(*wait)};
}

std::string to_table(const std::vector<TaskSpecPtr>& tasks, WallTime now, const Terminal& terminal) {
  std::vector<std::vector<Cell>> rows;
  for (const TaskSpecPtr& task : tasks) {
    const bool has_no_timeout = !task->policy->timeout;
    rows.push_back({{task->name},
                    {describe(task->schedule)},
                    next_cell(*task, now),
                    {timeout_of(*task), has_no_timeout ? std::optional(Paint::yellow) : std::nullopt},
                    {printable(task->policy->description), Paint::dim}});
  }
  return table(terminal, {"NAME", "SCHEDULE", "NEXT", "TIMEOUT", "DESCRIPTION"}, rows);
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
  const std::optional<Nanos> wait = first_run_in(task, now);
  wait ? writer.time("next_run_at", now + *wait) : writer.null("next_run_at");
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
  tell(told(reading, terminal_at(STDERR_FILENO)));
  if (reading.exit_code != kDone) return reading.exit_code;
  const Result<std::vector<TaskSpecPtr>> tasks = select(reading.manifest, {.tags = options.tags});
  if (!tasks) return give_up(fmt::format("taskrun list: {}\n", tasks.error().message), kWrongManifest);
  const WallTime now = sys::read_clocks().wall;
  if (options.json) return answer(to_json(*tasks, now));
  return answer(to_table(*tasks, now, terminal_at(STDOUT_FILENO)));
}

}  // namespace taskrun::cli
