#include "control/shapes.h"

#include <array>

namespace taskrun::control {
namespace {

constexpr std::string_view kManifestError = "what is wrong with the manifest that was read last; null: it is in force";

constexpr std::array kHealth{
    Field{"status", "string", "`ok`"},
    Field{"manifest_error", "string or null", kManifestError},
};

constexpr std::array kRunner{
    Field{"instance", "string", "the runner's name"},
    Field{"version", "string", "of taskrun"},
    Field{"pid", "integer", "of the daemon"},
    Field{"started_at", "time", ""},
    Field{"containment", "string", "`cgroup` or `subreaper`"},
    Field{"state", "string or null", "the state directory"},
    Field{"socket", "string or null", "this socket"},
    Field{"http", "string or null", "address and port at which metrics and health are told over TCP"},
    Field{"manifest", "string or null", "its path; null where it came from stdin"},
    Field{"manifest_loaded_at", "time", "when the one in force was read"},
    Field{"manifest_error", "string or null", kManifestError},
    Field{"tasks", "integer", "how many there are, disabled ones too"},
    Field{"paused", "integer", "how many of them are paused"},
    Field{"running", "integer", "runs that have begun and not ended"},
    Field{"stopping", "boolean", "nothing new starts"},
    Field{"loop_lag_ms", "number", "how late the loop has been in the last half minute or minute"},
    Field{"seq", "integer", "of the newest event line; `since` of `/v1/events`"},
};

constexpr std::array kTasks{Field{"tasks", "[Task]", ""}};

constexpr std::array kTask{
    Field{"task", "string", "its name"},
    Field{"task_id", "integer", "small; reused after removal"},
    Field{"description", "string", ""},
    Field{"tags", "[string]", ""},
    Field{"schedule", "string", "for people: `every 10s`"},
    Field{"overlap", "string", "`skip`, `queue`, `parallel` or `replace`"},
    Field{"timeout_ms", "number or null", "null: none"},
    Field{"enabled", "boolean", ""},
    Field{"paused", "boolean", ""},
    Field{"persisted", "boolean", "a client added it to stay: it is back at the next start"},
    Field{"state", "string",
          "`idle`, `paused`, `disabled`, that of its oldest run, or `removed`: it ends, and its name is not free yet"},
    Field{"next_run_at", "time or null", "the next due time; null where none comes by itself"},
    Field{"runs", "[Run]", "those that have not ended, or whose hook has not, oldest first"},
    Field{"last_run", "LastRun or null", "how the latest one ended"},
    Field{"counts", "Counts", "runs since the runner started"},
};

constexpr std::array kRun{
    Field{"run_id", "run id", ""},
    Field{"attempt", "integer", "from 1"},
    Field{"trigger", "string", "`schedule`, `start`, `manual`, `catch_up` or `queue`"},
    Field{"scheduled_at", "time", "the due time it answers"},
    Field{"started_at", "time or null", "of this attempt; null before the first"},
    Field{"state", "string",
          "`waiting`, `running`, `stopping`, `backing_off`, or `recording`: it has ended, and is told once that is on "
          "disk"},
};

constexpr std::array kLastRun{
    Field{"run_id", "run id", ""},
    Field{"outcome", "string", "`success`, `failure`, `timeout`, `error` or `cancelled`"},
    Field{"started_at", "time", ""},
    Field{"duration_ms", "number", ""},
    Field{"exit_code", "integer", "where it ended by itself", false},
    Field{"signal", "string", "where a signal ended it: its name", false},
    Field{"error", "string", "where it could not start: why", false},
    Field{"start_failure", "string", "and in a word: `not_found`, `not_executable` or `other`", false},
};

constexpr std::array kCounts{
    Field{"success", "integer", ""},   Field{"failure", "integer", ""},
    Field{"timeout", "integer", ""},   Field{"error", "integer", ""},
    Field{"cancelled", "integer", ""}, Field{"skipped", "integer", "due times not run"},
};

constexpr std::array kNewTask{
    Field{"name", "string", "as in a manifest"},
    Field{"task", "object", "what stands behind the name in a manifest; `defaults` do not apply"},
    Field{"persist", "boolean", "keep it in the state directory: it is back at the next start", false},
};

constexpr std::array kRemoved{
    Field{"task", "string", ""},
    Field{"task_id", "integer", ""},
    Field{"gone", "boolean", "false: a run of it, or its `on_stop`, still ends"},
};

constexpr std::array kTrigger{
    Field{"env", "object", "variables, by name, for this run alone: over the task's own, and not for its hooks", false},
};

constexpr std::array kTriggered{
    Field{"task", "string", ""},
    Field{"task_id", "integer", ""},
    Field{"run_id", "run id", "of the run that was made; it may wait for a place"},
};

constexpr std::array kCancelled{Field{"run_id", "run id", ""}};

constexpr std::array kReloaded{
    Field{"added", "integer", "tasks that are there now"},
    Field{"changed", "integer", "tasks with a new definition, in force from their next due time on"},
    Field{"removed", "integer", "tasks that start nothing any more"},
    Field{"unchanged", "integer", "tasks that go on as if nothing had been"},
};

constexpr std::array kStopping{Field{"status", "string", "`stopping`"}};

constexpr std::array kError{Field{"error", "Mistake", ""}};

constexpr std::array kMistake{
    Field{"code", "string", "a word for programs"},
    Field{"message", "string", "a sentence for people"},
    Field{"diagnostics", "[Diagnostic]", "of `wrong_task` and `wrong_manifest`: each mistake; else empty"},
};

constexpr std::array kDiagnostic{
    Field{"severity", "string", "`error` or `warning`"},
    Field{"file", "string", "the manifest's; of a task: `<request>`"},
    Field{"line", "integer", "from 1"},
    Field{"column", "integer", "from 1; of a task: in the definition that was sent"},
    Field{"message", "string", ""},
    Field{"hint", "string", "what to write instead; may be empty"},
};

constexpr std::array kShapes{
    Shape{"Health", "The runner is well", kHealth},
    Shape{"Runner", "A runner", kRunner},
    Shape{"Tasks", "All tasks", kTasks},
    Shape{"Task", "A task as it is now", kTask},
    Shape{"Run", "A run that has not ended", kRun},
    Shape{"LastRun", "A run that has ended", kLastRun},
    Shape{"Counts", "Runs by how they ended", kCounts},
    Shape{"NewTask", "A task to be added", kNewTask},
    Shape{"Removed", "A task that was removed", kRemoved},
    Shape{"Trigger", "How a task is to be run; the body may be absent", kTrigger},
    Shape{"Triggered", "A run that was asked for", kTriggered},
    Shape{"Cancelled", "A run that is being ended", kCancelled},
    Shape{"Reloaded", "A manifest that was read again, in tasks", kReloaded},
    Shape{"Stopping", "The runner stops", kStopping},
    Shape{"Error", "Every answer with a status of 400 or above", kError},
    Shape{"Mistake", "Why not", kMistake},
    Shape{"Diagnostic", "One mistake in a task or manifest", kDiagnostic},
};

}  // namespace

std::span<const Shape> shapes() { return kShapes; }

}  // namespace taskrun::control
