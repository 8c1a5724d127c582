#include "cli/history_text.h"

#include <array>

#include <fmt/format.h>

#include "base/signals.h"
#include "report/line_writer.h"

namespace taskrun::cli {
namespace {

using report::HistoryEntry;
using report::LineWriter;
using Kind = HistoryEntry::Kind;

std::string_view state_of(const HistoryEntry& entry) { return entry.kind == Kind::ended ? "ended" : word_of(entry); }

void append_ending(LineWriter& writer, const HistoryEntry& entry) {
  const AttemptReport& report = entry.report;
  writer.milliseconds("duration_ms", entry.duration);
  writer.word("outcome", to_word(entry.outcome));
  if (report.exit.exit_code) writer.number("exit_code", *report.exit.exit_code);
  if (report.exit.signal) writer.word("signal", signal_name(*report.exit.signal));
  if (report.exit.core_dumped) writer.flag("core_dumped", true);
  if (entry.killed_by) writer.word("killed_by", to_word(*entry.killed_by));
  writer.flag("final", !entry.retry_in);
  if (entry.retry_in) writer.milliseconds("retry_in_ms", *entry.retry_in);
  if (!entry.error.empty()) writer.text("error", entry.error);
  if (report.pid == 0) return;  // it did not start
  writer.number("pid", report.pid);
  writer.milliseconds("cpu_user_ms", report.cpu_user);
  writer.milliseconds("cpu_system_ms", report.cpu_system);
  writer.number("max_rss_kib", report.max_rss_kib);
  writer.number("leftovers_killed", report.leftovers_killed);
  writer.number("output_bytes", report.output_bytes);
  writer.number("truncated_bytes", report.truncated_bytes);
  writer.flag("output_complete", report.output_complete);
}

void append_output(LineWriter& writer, const report::HistoryOutput& output) {
  writer.text("stdout", output.stdout_tail);
  writer.text("stderr", output.stderr_tail);
  if (!output.result.empty()) writer.json("result", output.result);
}

void append_run(LineWriter& writer, const HistoryEntry& entry) {
  writer.word("task", entry.task);
  writer.word("run_id", entry.run.text());
  writer.number("attempt", entry.attempt);
  writer.word("trigger", to_word(entry.trigger));
  writer.time("scheduled_at", entry.scheduled_at);
}

std::string quoted(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

template <class Value>
std::string or_nothing(const std::optional<Value>& value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

std::string to_json(const HistoryEntry& entry, const report::HistoryOutput* output) {
  std::string out;
  LineWriter writer(out);
  writer.word("state", state_of(entry));
  if (entry.kind != Kind::gap) append_run(writer, entry);
  switch (entry.kind) {
    case Kind::running: writer.time("started_at", entry.at); break;
    case Kind::ended:
      writer.time("started_at", entry.at);
      append_ending(writer, entry);
      break;
    case Kind::skipped:
      writer.time("skipped_at", entry.at);
      writer.word("reason", to_word(entry.reason));
      writer.number("count", entry.count);
      break;
    case Kind::gap:
      writer.time("from", entry.scheduled_at);
      writer.time("until", entry.at);
      writer.number("count", entry.count);
      break;
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

std::string_view csv_heading() {
  return "state,task,run_id,attempt,trigger,scheduled_at,started_at,duration_ms,outcome,exit_code,signal,killed_by,"
         "reason,count,error\r\n";
}

std::string to_csv(const HistoryEntry& entry) {
  const bool has_run = entry.kind != Kind::gap, has_ended = entry.kind == Kind::ended;
  const bool is_counted = entry.kind == Kind::skipped || entry.kind == Kind::gap;
  const ExitStatus& exit = entry.report.exit;
  const std::array<std::string, 15> fields{
      std::string(state_of(entry)),
      entry.task,
      has_run ? entry.run.text() : "",
      has_run ? fmt::format("{}", entry.attempt) : "",
      has_run ? std::string(to_word(entry.trigger)) : "",
      format_utc(entry.scheduled_at),
      format_utc(entry.at),
      has_ended ? format_milliseconds(entry.duration) : "",
      has_ended ? std::string(to_word(entry.outcome)) : "",
      or_nothing(exit.exit_code),
      exit.signal ? signal_name(*exit.signal) : "",
      entry.killed_by ? std::string(to_word(*entry.killed_by)) : "",
      entry.kind == Kind::skipped ? std::string(to_word(entry.reason)) : "",
      is_counted ? fmt::format("{}", entry.count) : "",
      entry.error,
  };
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + quoted(field);
  return line + "\r\n";
}

}  // namespace taskrun::cli
