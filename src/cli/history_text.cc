// One table of keys makes both: an object of JSON has those that its entry has, a line of CSV a field for each.

#include "cli/history_text.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/signals.h"
#include "report/line_writer.h"

namespace taskrun::cli {
namespace {

using report::LineWriter;
using Kind = Recorded::Kind;
using Value = std::optional<std::string>;

// What has a key.
enum Having : unsigned { kOpen = 1, kEnded = 2, kStarted = 4, kSkipped = 8, kGap = 16 };
constexpr unsigned kRun = kOpen | kEnded | kSkipped;

unsigned having(const Recorded& entry) {
  switch (entry.kind) {
    case Kind::running: return kOpen;
    case Kind::ended: return entry.report.pid == 0 ? kEnded : kEnded | kStarted;
    case Kind::skipped: return kSkipped;
    case Kind::gap: return kGap;
  }
  __builtin_unreachable();
}

enum class Form {
  text,
  bare,  // a number or a truth: JSON as it stands
};

struct Column {
  std::string_view key;
  Form form;
  unsigned of;                      // Having
  Value (*value)(const Recorded&);  // nothing: not this time
};

Value truth(bool value) { return value ? "true" : "false"; }

template <class Number>
Value number(Number value) {
  return fmt::format("{}", value);
}

template <class Number>
Value number(const std::optional<Number>& value) {
  return value ? number(*value) : std::nullopt;
}

template <class Word>
Value word(Word value) {
  return std::string(to_word(value));
}

Value signal_of(const Recorded& entry) {
  const auto& signal = entry.report.exit.signal;
  return signal ? Value(signal_name(*signal)) : std::nullopt;
}

constexpr Column kColumns[] = {
    {"state", Form::text, kRun | kGap, [](const Recorded& e) { return Value(state_of(e)); }},
    {"task", Form::text, kRun, [](const Recorded& e) { return Value(e.task); }},
    {"run_id", Form::text, kRun, [](const Recorded& e) { return Value(e.run.text()); }},
    {"attempt", Form::bare, kRun, [](const Recorded& e) { return number(e.attempt); }},
    {"trigger", Form::text, kRun, [](const Recorded& e) { return word(e.trigger); }},
    {"scheduled_at", Form::text, kRun, [](const Recorded& e) { return Value(format_utc(e.scheduled_at)); }},
    {"started_at", Form::text, kOpen | kEnded, [](const Recorded& e) { return Value(format_utc(e.at)); }},
    {"duration_ms", Form::bare, kEnded, [](const Recorded& e) { return Value(format_milliseconds(e.duration)); }},
    {"outcome", Form::text, kEnded, [](const Recorded& e) { return word(e.outcome); }},
    {"exit_code", Form::bare, kEnded, [](const Recorded& e) { return number(e.report.exit.exit_code); }},
    {"signal", Form::text, kEnded, signal_of},
    {"core_dumped", Form::bare, kEnded,
     [](const Recorded& e) { return e.report.exit.core_dumped ? truth(true) : std::nullopt; }},
    {"killed_by", Form::text, kEnded,
     [](const Recorded& e) { return e.killed_by ? word(*e.killed_by) : std::nullopt; }},
    {"final", Form::bare, kEnded, [](const Recorded& e) { return truth(!e.retry_in); }},
    {"retry_in_ms", Form::bare, kEnded,
     [](const Recorded& e) { return e.retry_in ? Value(format_milliseconds(*e.retry_in)) : std::nullopt; }},
    {"error", Form::text, kEnded, [](const Recorded& e) { return e.error.empty() ? std::nullopt : Value(e.error); }},
    {"pid", Form::bare, kStarted, [](const Recorded& e) { return number(e.report.pid); }},
    {"cpu_user_ms", Form::bare, kStarted,
     [](const Recorded& e) { return Value(format_milliseconds(e.report.cpu_user)); }},
    {"cpu_system_ms", Form::bare, kStarted,
     [](const Recorded& e) { return Value(format_milliseconds(e.report.cpu_system)); }},
    {"max_rss_kib", Form::bare, kStarted, [](const Recorded& e) { return number(e.report.max_rss_kib); }},
    {"leftovers_killed", Form::bare, kStarted, [](const Recorded& e) { return number(e.report.leftovers_killed); }},
    {"output_bytes", Form::bare, kStarted, [](const Recorded& e) { return number(e.report.output_bytes); }},
    {"truncated_bytes", Form::bare, kStarted, [](const Recorded& e) { return number(e.report.truncated_bytes); }},
    {"output_complete", Form::bare, kStarted, [](const Recorded& e) { return truth(e.report.output_complete); }},
    {"skipped_at", Form::text, kSkipped, [](const Recorded& e) { return Value(format_utc(e.at)); }},
    {"from", Form::text, kGap, [](const Recorded& e) { return Value(format_utc(e.scheduled_at)); }},
    {"until", Form::text, kGap, [](const Recorded& e) { return Value(format_utc(e.at)); }},
    {"reason", Form::text, kSkipped, [](const Recorded& e) { return word(e.reason); }},
    {"count", Form::bare, kSkipped | kGap, [](const Recorded& e) { return number(e.count); }},
};

Value value_of(const Column& column, const Recorded& entry) {
  return (column.of & having(entry)) != 0 ? column.value(entry) : std::nullopt;
}

void append_output(LineWriter& writer, const report::HistoryOutput& output) {
  writer.text("stdout", output.stdout_tail);
  writer.text("stderr", output.stderr_tail);
  if (!output.result.empty()) writer.json("result", output.result);
}

std::string quoted(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

}  // namespace

std::string_view state_of(const Recorded& entry) { return entry.kind == Kind::ended ? "ended" : word_of(entry); }

std::string to_json(const Recorded& entry, const report::HistoryOutput* output) {
  std::string out;
  LineWriter writer(out);
  for (const Column& column : kColumns) {
    const Value value = value_of(column, entry);
    if (!value) continue;
    column.form == Form::bare ? writer.json(column.key, *value) : writer.text(column.key, *value);
  }
  if (output != nullptr) append_output(writer, *output);
  writer.close();
  return out;
}

std::string to_json(const report::TaskSummary& summary) {
  std::string out;
  LineWriter writer(out);
  writer.word("task", summary.task);
  writer.number("runs", summary.runs);
  writer.number("successes", summary.successes);
  writer.number("skipped", summary.skipped);
  writer.milliseconds("p50_ms", summary.median);
  writer.milliseconds("p95_ms", summary.p95);
  writer.milliseconds("max_ms", summary.longest);
  summary.last_success ? writer.time("last_success_at", *summary.last_success) : writer.null("last_success_at");
  std::string latest;
  for (const Nanos duration : summary.latest) latest += (latest.empty() ? "" : ",") + format_milliseconds(duration);
  writer.json("last_durations_ms", '[' + latest + ']');
  writer.close();
  return out;
}

std::string csv_heading() {
  std::string line;
  for (const Column& column : kColumns) line += fmt::format("{}{}", line.empty() ? "" : ",", column.key);
  return line + "\r\n";
}

std::string to_csv(const Recorded& entry) {
  std::string line;
  for (const Column& column : kColumns) {
    line += (line.empty() ? "" : ",") + quoted(value_of(column, entry).value_or(""));
  }
  return line + "\r\n";
}

}  // namespace taskrun::cli
