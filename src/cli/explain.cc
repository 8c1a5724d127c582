#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/columns.h"
#include "cli/cron_reason.h"
#include "cli/due_times.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/moment.h"
#include "cli/run.h"
#include "cli/selection.h"
#include "cli/waiting.h"
#include "report/line_writer.h"
#include "schedule/duration.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

using namespace std::chrono_literals;

constexpr Nanos kLookBack = 24h * 366 * 9;  // a 29 February may be eight years ago

/// What there is to say about a task at a moment.
struct Explanation {
  TaskSpecPtr task;
  Zone zone = utc_zone();
  WallTime time;
  WallTime now;
  std::string remark;  // of the moment itself
  bool is_due = false;
  std::vector<CronReason> crons;  // one for each expression
  std::string words;              // of schedules that are no cron
  std::optional<WallTime> before;
  std::optional<WallTime> after;
};

std::optional<WallTime> last_of(const std::vector<WallTime>& times) {
  return times.empty() ? std::nullopt : std::optional(times.back());
}

// What depends on the kind of schedule.
struct Explain {
  Explanation& out;

  void operator()(const OnRequest&) const { out.words = "It has no schedule: it runs only when asked."; }
  void operator()(const Every& every) const {
    out.words = fmt::format(
        "It is due every {0} from the start of the runner: start + {0}, start + 2 x {0} and so on. "
        "Which moments these are depends on that start; the calendar plays no part.",
        format_duration(every.period));
  }
  void operator()(const Delay& delay) const {
    out.words = fmt::format(
        "It is due {} after the end of its last run, and the first time so long after the start of "
        "the runner; the calendar plays no part.",
        format_duration(delay.wait));
  }
  void operator()(const Cron& cron) const {
    for (const CronExpression& expression : cron.expressions()) {
      out.crons.push_back(reason_for(expression, out.time));
      out.is_due = out.is_due || out.crons.back().is_due;
    }
    find_neighbours(cron);
  }
  void operator()(const At& at) const {
    out.is_due = std::binary_search(at.times().begin(), at.times().end(), out.time);
    out.words = out.is_due ? "It is one of its times." : "It is none of its times.";
    find_neighbours(at);
  }

 private:
  void find_neighbours(const auto& schedule) const {
    out.before = last_of(latest_due(schedule, out.time - kLookBack, out.time - 1ns, 1));
    out.after = next_due(schedule, out.time);
  }
};

std::string day_rule_words(DayRule rule) {
  switch (rule) {
    case DayRule::every_day: return "every day counts";
    case DayRule::day_of_month: return "the day of month decides";
    case DayRule::day_of_week: return "the day of week decides";
    case DayRule::either: return "both day fields are set: one that matches is enough";
  }
  __builtin_unreachable();
}

std::string verdict(const Explanation& explanation) {
  const std::string when = moment_text(explanation.time, explanation.zone);
  const Schedule& schedule = explanation.task->schedule;
  if (is_from_start(schedule) || std::holds_alternative<OnRequest>(schedule)) return "";
  const char* const tense = explanation.time < explanation.now ? "was" : "is";
  return fmt::format("{} ({}): it {}{} due.\n", when, in_words(explanation.time - explanation.now), tense,
                     explanation.is_due ? "" : " not");
}

// Sentences, wrapped like the rest.
std::string paragraph(const std::string& words) { return words.empty() ? "" : columns({{"", words}}); }

std::string field_lines(const CronReason& reason) {
  std::size_t widest = 0;
  std::size_t widest_shown = 0;
  for (const FieldReason& field : reason.fields) {
    widest = std::max(widest, field.written.size());
    widest_shown = std::max(widest_shown, field.shown.size());
  }
  std::string out;
  for (const FieldReason& field : reason.fields) {
    out += fmt::format("  {:<14}{:<{}}  {:<{}}  {}\n", name_of(field.field), field.written, widest, field.shown,
                       widest_shown, field.matches ? "matches" : "does not match");
  }
  return out + fmt::format("  {:<14}{}\n", "", day_rule_words(reason.day_rule));
}

std::string expression_lines(const Explanation& explanation) {
  std::string out;
  const auto* const cron = std::get_if<Cron>(&explanation.task->schedule);
  for (std::size_t i = 0; i < explanation.crons.size(); ++i) {
    const CronExpression& expression = cron->expressions()[i];
    out += fmt::format("\n\"{}\" in {}\n", expression.text(), expression.zone().name());
    out += field_lines(explanation.crons[i]) + paragraph(explanation.crons[i].words);
  }
  return out;
}

// What else decides whether a run starts.
std::string policy_words(const Explanation& explanation) {
  const TaskPolicy& policy = *explanation.task->policy;
  std::string out;
  if (!policy.enabled) out += "It is disabled: it never runs by itself. ";
  if (policy.run_at_start) out += "It runs once more when the runner starts. ";
  if (policy.jitter > Nanos::zero())
    out += fmt::format("Its start is put off by up to {}. ", format_duration(policy.jitter));
  const bool is_by_wall_clock = explanation.before || explanation.after;
  if (is_by_wall_clock && policy.catch_up == CatchUp::none)
    out += "A due time while no runner is there is recorded, not run. ";
  if (is_by_wall_clock && policy.catch_up != CatchUp::none) {
    out += fmt::format("Of due times while no runner is there {} when it is back. ",
                       policy.catch_up == CatchUp::latest ? "the last is run"
                                                          : fmt::format("the last {} are run", policy.catch_up_limit));
  }
  if (!out.empty()) out.pop_back();
  return out;
}

std::string neighbour_line(std::string_view label, std::optional<WallTime> due, const Explanation& explanation) {
  return fmt::format("  {:<8}{}\n", label, due ? moment_text(*due, explanation.zone) : "never");
}

std::string to_text(const Explanation& explanation) {
  const TaskSpec& task = *explanation.task;
  std::string out = fmt::format("{}: {}\n\n", task.name, describe(task.schedule));
  out += verdict(explanation) + paragraph(explanation.remark) + paragraph(explanation.words) +
         expression_lines(explanation);
  if (explanation.before || explanation.after) {
    out += "\ndue times next to it\n" + neighbour_line("before", explanation.before, explanation) +
           neighbour_line("after", explanation.after, explanation);
  }
  const std::string policy = paragraph(policy_words(explanation));
  return policy.empty() ? out : out + '\n' + policy;
}

void append_moment(report::LineWriter& writer, std::string_view key, std::optional<WallTime> time, Zone zone) {
  time ? writer.word(key, exact_text(*time, zone)) : writer.null(key);
}

std::string change_json(const OffsetChange& change, Zone zone) {
  std::string out;
  report::LineWriter writer(out);
  writer.word("at", exact_text(change.at, zone));
  writer.word("kind", change.after > change.before ? "gap" : "overlap");
  writer.number("offset_before_seconds", change.before.count());
  writer.number("offset_after_seconds", change.after.count());
  writer.close();
  return out;
}

std::string field_json(const FieldReason& field) {
  std::string out;
  report::LineWriter writer(out);
  writer.word("field", name_of(field.field));
  writer.text("expression", field.written);
  writer.word("value", field.shown);
  writer.flag("matches", field.matches);
  writer.close();
  return out;
}

std::string array_of(const auto& list, auto one) {
  std::string out = "[";
  for (const auto& item : list) {
    if (out.size() > 1) out += ',';
    out += one(item);
  }
  return out + ']';
}

std::string cron_json(const CronExpression& expression, const CronReason& reason) {
  std::string out;
  report::LineWriter writer(out);
  writer.text("expression", expression.text());
  writer.word("timezone", expression.zone().name());
  writer.flag("is_due", reason.is_due);
  writer.text("reason", reason.words);
  writer.json("fields", array_of(reason.fields, field_json));
  writer.text("day_rule", day_rule_words(reason.day_rule));
  reason.change ? writer.json("clock_change", change_json(*reason.change, expression.zone()))
                : writer.null("clock_change");
  writer.close();
  return out;
}

std::string crons_json(const Explanation& explanation) {
  const auto* const cron = std::get_if<Cron>(&explanation.task->schedule);
  std::size_t next = 0;
  return array_of(explanation.crons,
                  [&](const CronReason& reason) { return cron_json(cron->expressions()[next++], reason); });
}

std::string to_json(const Explanation& explanation) {
  const TaskSpec& task = *explanation.task;
  const bool has_verdict = !verdict(explanation).empty();
  std::string out;
  report::LineWriter writer(out);
  writer.word("task", task.name);
  writer.text("schedule", describe(task.schedule));
  writer.flag("enabled", task.policy->enabled);
  append_moment(writer, "time", explanation.time, explanation.zone);
  writer.word("timezone", explanation.zone.name());
  has_verdict ? writer.flag("is_due", explanation.is_due) : writer.null("is_due");
  writer.text("reason", explanation.crons.empty() ? explanation.words : explanation.crons.front().words);
  writer.text("remark", explanation.remark);
  writer.json("expressions", crons_json(explanation));
  append_moment(writer, "previous_due_at", explanation.before, explanation.zone);
  append_moment(writer, "next_due_at", explanation.after, explanation.zone);
  writer.close();
  return out + '\n';
}

Result<Moment> moment_asked(const ExplainOptions& options, Zone zone, WallTime now) {
  if (options.time) return read_moment(*options.time, zone);
  return Moment{now, ""};
}

}  // namespace

int explain(const ExplainOptions& options) {
  const ManifestReading reading = read_manifest(options.manifest);
  if (reading.exit_code != kDone) {
    tell(told(reading, terminal_at(STDERR_FILENO)));
    return reading.exit_code;
  }
  const std::vector<std::string> names{options.task};
  const Result<std::vector<TaskSpecPtr>> tasks = select(reading.manifest, {.names = names});
  if (!tasks) return give_up(fmt::format("taskrun explain: {}\n", tasks.error().message), kWrongManifest);
  Explanation explanation;
  explanation.task = tasks->front();
  explanation.zone = zone_of(*explanation.task);
  explanation.now = std::chrono::floor<std::chrono::seconds>(sys::read_clocks().wall);  // the distance is for people
  const Result<Moment> moment = moment_asked(options, explanation.zone, explanation.now);
  if (!moment) {
    return give_up(fmt::format("taskrun explain: {}\nsee 'taskrun explain --help'\n", moment.error().message), kUsage);
  }
  explanation.time = moment->time;
  explanation.remark = moment->remark;
  std::visit(Explain{explanation}, explanation.task->schedule);
  return answer(options.json ? to_json(explanation) : to_text(explanation));
}

}  // namespace taskrun::cli
