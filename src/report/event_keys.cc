#include "report/event_keys.h"

#include <array>
#include <utility>

namespace taskrun::report {
namespace {

constexpr EventSet kRunner = kEvents<RunnerStarted, RunnerStopping, RunnerStopped, ManifestReloaded, ManifestRejected,
                                     ClockJumped, EventsDropped, HistoryDegraded, HistoryRestored>;
constexpr EventSet kAnyTask = kAllEvents & ~kRunner;
constexpr EventSet kRun = kEvents<RunStarted, RunOutput, RunFinished, RunSkipped>;
constexpr EventSet kAttempt = kEvents<RunStarted, RunOutput, RunFinished>;
constexpr EventSet kEnd = kEvents<RunFinished, HookFinished>;
constexpr EventSet kTrouble = kEvents<KillSent, ContainmentFailed>;  // of a run or of a hook

constexpr std::string_view kTriggers = "schedule|start|manual|retry|catch_up|queue";
constexpr std::string_view kOutcomes = "success|failure|timeout|error|cancelled";
constexpr std::string_view kTallied = "success|failure|timeout|error|cancelled|skipped";
constexpr std::string_view kReasons = "overlap|paused|pool|missed|late|disabled|stopping";

constexpr EventKey kKeys[] = {
    {"time", KeyForm::time, kAllEvents, 0, "when it happened: RFC 3339, UTC, six decimals"},
    {"seq", KeyForm::positive, kAllEvents, 0,
     "1, 2, 3 … in each runner; a hole is always explained by an `events_dropped` line"},
    {"level", KeyForm::word, kAllEvents, 0, "how much it matters; what a task writes to stderr is not an error",
     "info|warn|error"},
    {"event", KeyForm::word, kAllEvents, 0, "what happened"},
    {"instance", KeyForm::text, kRunner, 0, "the runner's name"},
    {"task", KeyForm::text, kAnyTask, 0, "the task's name"},
    {"task_id", KeyForm::count, kAnyTask, 0, "a small number, reused after removal, the oldest free one first"},
    {"hook", KeyForm::word, kEvents<HookFinished>, kTrouble, "which hook of the task; then no key of a run is there",
     "on_success|on_failure|on_stop"},
    {"run_id", KeyForm::run_id, kRun, kTrouble, "UUIDv7: unique, sorts by time; the same for all attempts of a run"},
    {"attempt", KeyForm::positive, kAttempt, kTrouble, "from 1; counts the retries of a run"},
    {"trigger", KeyForm::word, kRun, kTrouble, "why the run exists; `retry` from the second attempt on", kTriggers},
    {"scheduled_at", KeyForm::time, kRun, kTrouble | kEvents<HookFinished>,
     "the due time that this run answers; with `task`, what a due time is known by"},
    {"schedule", KeyForm::text, kEvents<TaskAdded>, 0, "when the task is due: `every 10m`, `on request`"},
    {"timeout_ms", KeyForm::milliseconds_or_null, kEvents<TaskAdded>, 0,
     "how long one attempt may take; null for no limit"},
    {"started_at", KeyForm::time, kEnd, 0, "when the attempt started, or was to start"},
    {"duration_ms", KeyForm::milliseconds, kEnd, 0,
     "from the start to the end of the last process, by the monotonic clock, three decimals"},
    {"lateness_ms", KeyForm::milliseconds, kEvents<RunStarted>, 0,
     "start minus due time; of a retry, start minus the end of its wait"},
    {"outcome", KeyForm::word, kEnd, 0,
     "`failure`: wrong exit code or a signal; `timeout`: ended by us for its time; `error`: could not start; "
     "`cancelled`: ended on request",
     kOutcomes},
    {"error", KeyForm::text, kEvents<HistoryDegraded>, kEnd,
     "why it could not start, as stage and reason; or what was wrong with what it wrote to descriptor 3; or what keeps "
     "the record from being written"},
    {"stage", KeyForm::word, kEvents<KillSent>, 0, "the stop signal, or SIGKILL after the grace", "stop|kill"},
    {"exit_code", KeyForm::exit_code, 0, kEnd, "how the main process ended: this or `signal`; neither if none ran"},
    {"signal", KeyForm::text, kEvents<KillSent>, kEnd, "by name, `SIGTERM`; how it ended, or what was sent"},
    {"core_dumped", KeyForm::flag, 0, kEnd, "beside `signal`"},
    {"killed_by", KeyForm::word, kEvents<KillSent>, kEnd, "why we ended it; absent where it ended by itself",
     "timeout|cancel|replace|stop|oom"},
    {"final", KeyForm::flag, kEvents<RunFinished>, 0, "false where another attempt follows"},
    {"retry_in_ms", KeyForm::milliseconds, 0, kEvents<RunFinished>, "how long the next attempt waits"},
    {"version", KeyForm::text, kEvents<RunnerStarted>, 0, "of taskrun"},
    {"pid", KeyForm::positive, kEvents<RunnerStarted, RunStarted>, kEnd,
     "the main process, or the runner's; absent where none started"},
    {"containment", KeyForm::word, kEvents<RunnerStarted>, 0, "how processes are held together", "cgroup|subreaper"},
    {"tasks", KeyForm::count, kEvents<RunnerStarted, ManifestReloaded>, 0, "how many the manifest has"},
    {"state", KeyForm::text_or_null, kEvents<RunnerStarted>, 0, "the state directory"},
    {"socket", KeyForm::text_or_null, kEvents<RunnerStarted>, 0, "the control socket"},
    {"http", KeyForm::text_or_null, kEvents<RunnerStarted>, 0, "the address of the TCP endpoint"},
    {"added", KeyForm::count, kEvents<ManifestReloaded>, 0, "tasks that are there now"},
    {"changed", KeyForm::count, kEvents<ManifestReloaded>, 0, "tasks with a new definition"},
    {"removed", KeyForm::count, kEvents<ManifestReloaded>, 0, "tasks that are no more; `task_removed` tells when"},
    {"diagnostics", KeyForm::diagnostics, kEvents<ManifestRejected>, 0,
     "what is wrong with the manifest, as `taskrun check --json` tells it; 1:1 where the file as a whole is meant"},
    {"pids", KeyForm::numbers, kEvents<ContainmentFailed>, 0,
     "processes that outlived every SIGKILL; at most the first 1,000"},
    {"cpu_user_ms", KeyForm::milliseconds, 0, kEnd, "processor time of the main process and of what it waited for"},
    {"cpu_system_ms", KeyForm::milliseconds, 0, kEnd, "likewise, in the kernel"},
    {"max_rss_kib", KeyForm::count, 0, kEnd,
     "largest resident size of one of them; at least the runner's own, which the kernel counts in"},
    {"leftovers_killed", KeyForm::count, kEnd, 0, "processes that outlived the main one and were ended"},
    {"stdout", KeyForm::text, kEnd, 0, "the tail of what it wrote; empty where `output` says otherwise than `tail`"},
    {"stderr", KeyForm::text, kEnd, 0, "likewise"},
    {"lossy", KeyForm::flag, 0, kEnd | kEvents<RunOutput>,
     "true where bytes that are no UTF-8 became U+FFFD; else absent"},
    {"output_bytes", KeyForm::count, kEnd, 0, "written to both streams"},
    {"truncated_bytes", KeyForm::count, kEnd, 0, "of those: left out"},
    {"output_complete", KeyForm::flag, kEnd, 0, "false where a leftover process held the output open beyond the limit"},
    {"result", KeyForm::object, 0, kEnd, "the object that it wrote to descriptor 3; never cut"},
    {"reason", KeyForm::word, kEvents<RunSkipped>, 0, "why the due time did not run", kReasons},
    {"cause", KeyForm::text, kEvents<RunnerStopping>, 0, "a signal's name, `--for`, `done`, `stdout closed` …"},
    {"count", KeyForm::positive, 0, kEvents<RunSkipped, ContainmentFailed, ManifestRejected>,
     "how many due times this line stands for, where more than one; how many processes or mistakes there are, where "
     "the "
     "line names not all"},
    {"next_run_at", KeyForm::time_or_null, kEvents<RunFinished, RunSkipped, TaskAdded>, 0,
     "the task's next due time; null where there is none or it is not yet known"},
    {"stream", KeyForm::word, kEvents<RunOutput>, 0, "where the task wrote it", "stdout|stderr"},
    {"line", KeyForm::text, kEvents<RunOutput>, 0, "without the newline"},
    {"partial", KeyForm::flag, kEvents<RunOutput>, 0,
     "true where the line goes on in the next event or ended without a newline"},
    {"by_ms", KeyForm::signed_milliseconds, kEvents<ClockJumped>, 0, "how far the wall clock stepped; negative: back"},
    {"from_seq", KeyForm::positive, kEvents<EventsDropped>, 0, "the first `seq` that was not written"},
    {"to_seq", KeyForm::positive, kEvents<EventsDropped>, 0, "the last"},
    {"runs", KeyForm::tally, kEvents<RunnerStopped>, 0, "how many runs ended how, and how many were skipped", kTallied},
    {"msg", KeyForm::text, kAllEvents, 0, "short human text, never the only place of a fact"},
};

template <std::size_t... I>
std::array<std::string_view, kEventCount> collect_names(std::index_sequence<I...>) {
  return {event_name(Fact(std::in_place_index<I>))...};
}

}  // namespace

std::span<const EventKey> event_keys() { return kKeys; }

std::span<const std::string_view> event_names() {
  static const std::array<std::string_view, kEventCount> names = collect_names(std::make_index_sequence<kEventCount>());
  return names;
}

}  // namespace taskrun::report
