#include "report/event_message.h"

#include <fmt/format.h>

#include "base/signals.h"

namespace taskrun::report {
namespace {

Level level_of_skip(SkipReason reason) {
  switch (reason) {
    case SkipReason::overlap:
    case SkipReason::pool:
    case SkipReason::missed:
    case SkipReason::late: return Level::warn;
    case SkipReason::paused:
    case SkipReason::disabled:
    case SkipReason::stopping: return Level::info;
  }
  __builtin_unreachable();
}

struct LevelOf {
  Level operator()(const ManifestRejected&) const { return Level::error; }
  Level operator()(const RunFinished& e) const {
    if (e.outcome == Outcome::success) return Level::info;
    return !e.is_final || e.outcome == Outcome::cancelled ? Level::warn : Level::error;
  }
  Level operator()(const RunSkipped& e) const { return level_of_skip(e.reason); }
  Level operator()(const HookFinished& e) const { return e.outcome == Outcome::success ? Level::info : Level::warn; }
  Level operator()(const KillSent&) const { return Level::warn; }
  Level operator()(const ContainmentFailed&) const { return Level::error; }
  Level operator()(const ClockJumped&) const { return Level::warn; }
  Level operator()(const EventsDropped&) const { return Level::warn; }
  Level operator()(const HistoryDegraded&) const { return Level::error; }
  template <class Other>
  Level operator()(const Other&) const {
    return Level::info;
  }
};

double seconds(Nanos duration) { return std::chrono::duration<double>(duration).count(); }

const std::string& name_of(const TaskRef& task) { return task.spec->name; }
const std::string& name_of(const RunRef& run) { return run.task.spec->name; }

// "billing", or "the on_stop hook of billing".
std::string subject_of(const std::variant<RunRef, TaskRef>& of, const std::optional<HookKind>& hook) {
  const std::string& name = std::visit([](const auto& ref) -> const std::string& { return name_of(ref); }, of);
  return hook ? fmt::format("the {} hook of {}", to_word(*hook), name) : name;
}

// What comes after the subject: "failed: exit code 3".
std::string ending_of(Outcome outcome, const AttemptReport& report, const std::optional<KilledBy>& killed_by,
                      const std::string& error) {
  const ExitStatus& exit = report.exit;
  switch (outcome) {
    case Outcome::success: return error.empty() ? "succeeded" : "succeeded, but its result cannot be used: " + error;
    case Outcome::failure:
      if (!exit.signal) return fmt::format("failed: exit code {}", exit.exit_code.value_or(0));
      return fmt::format("failed: {}{}", signal_name(*exit.signal), exit.core_dumped ? ", core dumped" : "");
    case Outcome::timeout: return "timed out";
    case Outcome::error: return (report.start_failure ? "could not run: " : "was lost: ") + error;
    case Outcome::cancelled: return killed_by ? fmt::format("was cancelled: {}", to_word(*killed_by)) : "was cancelled";
  }
  __builtin_unreachable();
}

std::string_view sentence_of(SkipReason reason) {
  switch (reason) {
    case SkipReason::overlap: return "another run of it has not ended";
    case SkipReason::paused: return "it is paused";
    case SkipReason::pool: return "no place was free";
    case SkipReason::missed: return "the time passed before the runner could look";
    case SkipReason::late: return "its start deadline passed";
    case SkipReason::disabled: return "it is disabled";
    case SkipReason::stopping: return "the task goes, or the runner stops";
  }
  __builtin_unreachable();
}

std::string tally_of(const RunnerStopped& e) {
  std::string out;
  const auto add = [&](std::uint64_t count, std::string_view word) {
    if (count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, word);
  };
  add(e.success, "succeeded");
  add(e.failure, "failed");
  add(e.timeout, "timed out");
  add(e.error, "could not run");
  add(e.cancelled, "cancelled");
  add(e.skipped, "skipped");
  return out.empty() ? "no runs" : out;
}

// "54 ms", "32.6 s"
std::string wait_text(Nanos wait) {
  const double length = seconds(wait);
  return length < 1 ? fmt::format("{:.0f} ms", length * 1000) : fmt::format("{:.1f} s", length);
}

// "taskrun.json:3:7: unknown key 'evry'"
std::string first_of(const Diagnostic& diagnostic) {
  return fmt::format("{}:{}:{}: {}", diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.message);
}

struct MessageOf {
  std::string operator()(const RunnerStarted& e) const {
    return fmt::format("taskrun {} started: {} task{}, {}", e.version, e.tasks, e.tasks == 1 ? "" : "s", e.containment);
  }
  std::string operator()(const RunnerStopping& e) const { return "stopping: " + e.cause; }
  std::string operator()(const RunnerStopped& e) const { return "stopped: " + tally_of(e); }
  std::string operator()(const ManifestReloaded& e) const {
    return fmt::format("manifest reloaded: {} added, {} changed, {} removed", e.added, e.changed, e.removed);
  }
  std::string operator()(const ManifestRejected& e) const {
    std::string out = "manifest rejected, the one before stays in force";
    if (!e.diagnostics.empty()) out += ": " + first_of(e.diagnostics.front());
    return e.errors > 1 ? fmt::format("{} (and {} more)", out, e.errors - 1) : out;
  }
  std::string operator()(const TaskAdded& e) const {
    return fmt::format("{} added: {}", name_of(e.task), describe(e.task.spec->schedule));
  }
  std::string operator()(const TaskRemoved& e) const { return name_of(e.task) + " removed"; }
  std::string operator()(const TaskPaused& e) const { return name_of(e.task) + " paused"; }
  std::string operator()(const TaskResumed& e) const { return name_of(e.task) + " resumed"; }
  std::string operator()(const RunStarted& e) const {
    if (e.run.attempt == 1) return name_of(e.run) + " started";
    return fmt::format("{} started: attempt {}", name_of(e.run), e.run.attempt);
  }
  std::string operator()(const RunOutput& e) const {
    return fmt::format("{} wrote to {}", name_of(e.run), e.is_stderr ? "stderr" : "stdout");
  }
  std::string operator()(const RunFinished& e) const {
    std::string out = name_of(e.run) + ' ' + ending_of(e.outcome, e.report, e.killed_by, e.error);
    if (e.retry_in) out += "; next attempt in " + wait_text(*e.retry_in);
    return out;
  }
  std::string operator()(const RunSkipped& e) const {
    const std::string times = e.count > 1 ? fmt::format(" {} times", e.count) : "";
    return fmt::format("{} skipped{}: {}", name_of(e.run), times, sentence_of(e.reason));
  }
  std::string operator()(const HookFinished& e) const {
    return subject_of(e.task, e.hook) + ' ' + ending_of(e.outcome, e.report, e.killed_by, e.error);
  }
  std::string operator()(const KillSent& e) const {
    return fmt::format("{} sent to {}: {}", signal_name(e.signal), subject_of(e.of, e.hook), to_word(e.why));
  }
  std::string operator()(const ContainmentFailed& e) const {
    return fmt::format("{} could not be ended: {} processes left", subject_of(e.of, e.hook), e.pids.size());
  }
  std::string operator()(const ClockJumped& e) const {
    return fmt::format("the wall clock stepped by {:+g} s", seconds(e.by));
  }
  std::string operator()(const EventsDropped& e) const {
    return fmt::format("{} events dropped: stdout was not read fast enough", e.to_seq - e.from_seq + 1);
  }
  std::string operator()(const HistoryDegraded& e) const {
    return "what happens is not recorded, the schedule goes on: " + e.error;
  }
  std::string operator()(const HistoryRestored&) const { return "what happens is recorded again"; }
};

}  // namespace

Level level_of(const Fact& fact) { return std::visit(LevelOf{}, fact); }

std::string message_of(const Fact& fact) { return std::visit(MessageOf{}, fact); }

}  // namespace taskrun::report
