// A line is written front to back, but for the output tails: how much of them fits is known only when everything else
// stands, so they are put in last, at their place. What could be longer than a line by itself is bounded here too:
// paths and messages are cut at the end, a list of pids after a thousand.

#include "report/event_codec.h"

#include <algorithm>
#include <cassert>
#include <span>

#include "base/limits.h"
#include "base/signals.h"
#include "report/diagnostic_json.h"
#include "report/event_message.h"
#include "report/json_text.h"
#include "report/line_writer.h"

namespace taskrun::report {
namespace {

constexpr std::size_t kErrorRoom = 2'000;  // encoded; a stage, a path and a reason
constexpr std::size_t kMessageRoom = 500;
constexpr std::size_t kPathRoom = 4'000;
constexpr std::size_t kDiagnosticsRoom = 12'000;
constexpr std::size_t kPids = 1'000;

class FactWriter {
 public:
  FactWriter(std::string& out, LineWriter& line, std::string_view instance)
      : out_(out), line_(line), instance_(instance) {}

  void operator()(const RunnerStarted& e) {
    line_.text("instance", instance_);
    line_.text("version", e.version);
    line_.number("pid", e.pid);
    line_.text("containment", e.containment);
    line_.number("tasks", e.tasks);
    path_or_null("state", e.state);
    path_or_null("socket", e.socket);
    path_or_null("http", e.http);
  }
  void operator()(const RunnerStopping& e) {
    line_.text("instance", instance_);
    line_.text("cause", fitting_head(e.cause, kErrorRoom));
  }
  void operator()(const RunnerStopped& e) {
    line_.text("instance", instance_);
    std::string tally;
    LineWriter runs(tally);
    runs.number("success", e.success);
    runs.number("failure", e.failure);
    runs.number("timeout", e.timeout);
    runs.number("error", e.error);
    runs.number("cancelled", e.cancelled);
    runs.number("skipped", e.skipped);
    runs.close();
    line_.json("runs", tally);
  }
  void operator()(const ManifestReloaded& e) {
    line_.text("instance", instance_);
    line_.number("tasks", e.tasks);
    line_.number("added", e.added);
    line_.number("changed", e.changed);
    line_.number("removed", e.removed);
  }
  void operator()(const ManifestRejected& e) {
    line_.text("instance", instance_);
    std::string list;
    const std::size_t told = append_diagnostics(list, e.diagnostics, kDiagnosticsRoom);
    line_.json("diagnostics", list);
    if (e.errors > told) line_.number("count", e.errors);
  }
  void operator()(const TaskAdded& e) {
    task(e.task);
    line_.text("schedule", fitting_head(describe(e.task.spec->schedule), kErrorRoom));
    milliseconds_or_null("timeout_ms", e.task.spec->policy->timeout);
    time_or_null("next_run_at", e.next_run_at);
  }
  void operator()(const TaskRemoved& e) { task(e.task); }
  void operator()(const TaskPaused& e) { task(e.task); }
  void operator()(const TaskResumed& e) { task(e.task); }
  void operator()(const RunStarted& e) {
    run(e.run);
    line_.milliseconds("lateness_ms", e.lateness);
    line_.number("pid", e.pid);
  }
  void operator()(const RunOutput& e) {
    run(e.run);
    const std::size_t lossy_place = out_.size();
    line_.word("stream", e.is_stderr ? "stderr" : "stdout");
    const std::string_view shown = fitting_head(e.line, limits::kOutputLine * 6);
    const bool is_lossy = append_text("line", shown);
    line_.flag("partial", e.partial || shown.size() < e.line.size());
    if (is_lossy) out_.insert(lossy_place, R"(,"lossy":true)");
  }
  void operator()(const RunFinished& e) {
    run(e.run);
    ending(e.started_at, e.duration, e.outcome, e.error, e.killed_by, e.report);
    line_.flag("final", e.is_final);
    if (e.retry_in) line_.milliseconds("retry_in_ms", *e.retry_in);
    resources(e.report);
    time_or_null("next_run_at", e.next_run_at);
  }
  void operator()(const RunSkipped& e) {
    task(e.run.task);
    line_.word("run_id", e.run.id.text());
    line_.word("trigger", to_word(e.run.trigger));
    line_.time("scheduled_at", e.run.scheduled_at);
    line_.word("reason", to_word(e.reason));
    if (e.count > 1) line_.number("count", e.count);
    time_or_null("next_run_at", e.next_run_at);
  }
  void operator()(const HookFinished& e) {
    task(e.task);
    line_.word("hook", to_word(e.hook));
    if (e.scheduled_at) line_.time("scheduled_at", *e.scheduled_at);
    ending(e.started_at, e.duration, e.outcome, e.error, e.killed_by, e.report);
    resources(e.report);
  }
  void operator()(const KillSent& e) {
    run_or_hook(e.of, e.hook);
    line_.word("stage", e.stage);
    line_.word("signal", signal_name(e.signal));
    line_.word("killed_by", to_word(e.why));
  }
  void operator()(const ContainmentFailed& e) {
    run_or_hook(e.of, e.hook);
    line_.numbers("pids", std::span(e.pids).first(std::min(e.pids.size(), kPids)));
    if (e.pids.size() > kPids) line_.number("count", e.pids.size());
  }
  void operator()(const ClockJumped& e) {
    line_.text("instance", instance_);
    line_.milliseconds("by_ms", e.by);
  }
  void operator()(const EventsDropped& e) {
    line_.text("instance", instance_);
    line_.number("from_seq", e.from_seq);
    line_.number("to_seq", e.to_seq);
  }
  void operator()(const HistoryDegraded& e) {
    line_.text("instance", instance_);
    line_.text("error", fitting_head(e.error, kErrorRoom));
  }
  void operator()(const HistoryRestored&) { line_.text("instance", instance_); }

  // Where the output tails belong, and whose they are; null for an event without.
  [[nodiscard]] const AttemptReport* report() const { return report_; }
  [[nodiscard]] std::size_t tails_place() const { return tails_place_; }

 private:
  void task(const TaskRef& ref) {
    line_.text("task", ref.spec->name);
    line_.number("task_id", ref.id);
  }
  void run(const RunRef& ref) {
    task(ref.task);
    line_.word("run_id", ref.id.text());
    line_.number("attempt", ref.attempt);
    line_.word("trigger", to_word(ref.trigger));
    line_.time("scheduled_at", ref.scheduled_at);
  }
  void run_or_hook(const std::variant<RunRef, TaskRef>& of, const std::optional<HookKind>& hook) {
    if (const auto* ref = std::get_if<RunRef>(&of)) return run(*ref);
    task(std::get<TaskRef>(of));
    if (hook) line_.word("hook", to_word(*hook));
  }
  void ending(WallTime started_at, Nanos duration, Outcome outcome, const std::string& error,
              const std::optional<KilledBy>& killed_by, const AttemptReport& report) {
    line_.time("started_at", started_at);
    line_.milliseconds("duration_ms", duration);
    line_.word("outcome", to_word(outcome));
    if (!error.empty()) line_.text("error", fitting_head(error, kErrorRoom));
    if (report.exit.exit_code) line_.number("exit_code", *report.exit.exit_code);
    if (report.exit.signal) {
      line_.word("signal", signal_name(*report.exit.signal));
      line_.flag("core_dumped", report.exit.core_dumped);
    }
    if (killed_by) line_.word("killed_by", to_word(*killed_by));
  }
  void resources(const AttemptReport& report) {
    if (report.pid != 0) {
      line_.number("pid", report.pid);
      line_.milliseconds("cpu_user_ms", report.cpu_user);
      line_.milliseconds("cpu_system_ms", report.cpu_system);
      line_.number("max_rss_kib", report.max_rss_kib);
    }
    line_.number("leftovers_killed", report.leftovers_killed);
    report_ = &report;
    tails_place_ = out_.size();
    line_.flag("output_complete", report.output_complete);
    if (!report.result.empty()) line_.json("result", report.result);
  }
  void path_or_null(std::string_view key, const std::string& path) {
    if (path.empty()) return line_.null(key);
    line_.text(key, fitting_head(path, kPathRoom));
  }
  void time_or_null(std::string_view key, const std::optional<WallTime>& time) {
    if (!time) return line_.null(key);
    line_.time(key, *time);
  }
  void milliseconds_or_null(std::string_view key, const std::optional<Nanos>& duration) {
    if (!duration) return line_.null(key);
    line_.milliseconds(key, *duration);
  }
  bool append_text(std::string_view key, std::string_view value) {
    line_.json(key, "");
    return append_json_string(out_, value);
  }

  std::string& out_;
  LineWriter& line_;
  std::string_view instance_;
  const AttemptReport* report_ = nullptr;
  std::size_t tails_place_ = 0;
};

struct Tails {
  std::string_view out;
  std::string_view err;
};

// Where both do not fit, each gets half of the room, and what the other leaves of its half.
Tails cut_to(std::size_t room, const AttemptReport& report) {
  const std::string_view out = report.stdout_tail, err = report.stderr_tail;
  if (out.size() + err.size() <= room && encoded_size(out) + encoded_size(err) <= room) return {out, err};
  const std::string_view shown_err = fitting_tail(err, room - encoded_size(fitting_tail(out, room / 2)));
  return {fitting_tail(out, room - encoded_size(shown_err)), shown_err};
}

// As if nothing of the tails fitted and the numbers were the longest.
constexpr std::size_t kTailsFrame =
    std::string_view(R"(,"stdout":"","stderr":"","lossy":true,"output_bytes":,"truncated_bytes":)").size() + 2 * 20;

void put_tails(std::string& out, std::size_t place, std::size_t room, const AttemptReport& report) {
  const Tails tails = cut_to(room, report);
  const std::size_t cut = report.stdout_tail.size() - tails.out.size() + report.stderr_tail.size() - tails.err.size();
  std::string text = R"(,"stdout":)";
  bool is_lossy = append_json_string(text, tails.out);
  text += R"(,"stderr":)";
  is_lossy |= append_json_string(text, tails.err);
  if (is_lossy) text += R"(,"lossy":true)";
  text += R"(,"output_bytes":)" + std::to_string(report.output_bytes);
  text += R"(,"truncated_bytes":)" + std::to_string(report.truncated_bytes + cut);
  out.insert(place, text);
}

}  // namespace

void append_json_line(std::string& out, const Event& event, std::uint64_t seq, std::string_view instance) {
  const std::size_t start = out.size();
  LineWriter line(out);
  line.time("time", event.time);
  line.number("seq", seq);
  line.word("level", to_word(level_of(event.fact)));
  line.word("event", event_name(event.fact));
  FactWriter facts(out, line, instance);
  std::visit(facts, event.fact);
  line.text("msg", fitting_head(message_of(event.fact), kMessageRoom));
  line.close();
  out += '\n';
  const std::size_t size = out.size() - start + (facts.report() != nullptr ? kTailsFrame : 0);
  assert(size <= limits::kEventLine);
  if (facts.report() != nullptr) put_tails(out, facts.tails_place(), limits::kEventLine - size, *facts.report());
}

std::string to_json_line(const Event& event, std::uint64_t seq, std::string_view instance) {
  std::string line;
  append_json_line(line, event, seq, instance);
  return line;
}

}  // namespace taskrun::report
