// Every command, flag and example there is. What is not in these rows is neither read nor shown.

#include "cli/command.h"

#include <algorithm>
#include <vector>

#include "cli/client_commands.h"
#include "cli/history_commands.h"

namespace taskrun::cli {
namespace {

template <class Options>
Invocation defaults() {
  return Options{};
}

constexpr std::string_view kManifestMeaning =
    "the manifest; - is stdin. Without one: $TASKRUN_MANIFEST, else the taskrun.json here or in the nearest parent";
constexpr std::string_view kLimitMeaning = "refuse a manifest that is larger (default 256MiB)";
constexpr std::string_view kTagMeaning = "the tasks that have one of these tags (a,b or given again)";
constexpr std::string_view kEventsMeaning = "which event lines are printed (default all)";
constexpr std::string_view kStopTimeoutMeaning =
    "how long runs may finish when it stops (default: the manifest's, 10s)";
constexpr std::string_view kStdoutClosedMeaning = "what to do when stdout fails (default stop, with exit code 74)";
constexpr std::string_view kContainmentMeaning = "how a task's processes are held together (default auto)";

// start --------------------------------------------------------------------------------------------------------------

constexpr Example kStartExamples[] = {
    {"taskrun start", "the taskrun.json here or in a parent directory"},
    {"taskrun start jobs.json --for 30s", "stop after half a minute"},
    {"taskrun start --only billing,heartbeat", "no other tasks"},
    {"taskrun start --watch", "follow the file: what is saved takes effect"},
    {"taskrun start --events results | jq .", "one line for each result"},
    {"taskrun start --http 127.0.0.1:9464", "with /metrics for Prometheus"},
};

constexpr Flag kStartFlags[] = {
    {"--for", "", "DURATION", "stop after this long", into<&StartOptions::run_for>},
    {"--watch", "", "", "read the manifest again when its file changes", into<&StartOptions::watch>},
    {"--only", "", "TASK", "only these tasks (a,b or given again)", into<&StartOptions::only>},
    {"--tag", "", "TAG", "only the tasks that have one of these tags (a,b or given again)", into<&StartOptions::tags>},
    {"--events", "", "all|results", kEventsMeaning, into<&StartOptions::runner, &RunnerOptions::events>},
    {"--fail-on-error", "", "", "exit with 1 if any run did not succeed", into<&StartOptions::fail_on_error>},
    {"--stop-timeout", "", "DURATION", kStopTimeoutMeaning, into<&StartOptions::runner, &RunnerOptions::stop_timeout>},
    {"--on-stdout-closed", "", "stop|continue", kStdoutClosedMeaning,
     into<&StartOptions::runner, &RunnerOptions::on_stdout_closed>},
    {"--containment", "", "auto|cgroup|subreaper", kContainmentMeaning,
     into<&StartOptions::runner, &RunnerOptions::containment>},
    {"--instance", "", "NAME", "the runner's name (default: the manifest's)", into<&StartOptions::instance>},
    {"--state", "", "DIR", "where it keeps its state: in DIR/INSTANCE (default: see docs/operations.md)",
     into<&StartOptions::state>},
    {"--no-state", "", "", "keep nothing on disk", into<&StartOptions::no_state>},
    {"--keep", "", "DURATION", "how long runs stay in the history (default 30d)",
     into<&StartOptions::history, &KeepOptions::keep>},
    {"--keep-runs", "", "N", "how many of them at most (default 100000)",
     into<&StartOptions::history, &KeepOptions::keep_runs>},
    {"--durability", "", "normal|full", "what of the history a loss of power may cost: the last moments, or nothing",
     into<&StartOptions::history, &KeepOptions::durability>},
    {"--socket", "", "PATH", "where it can be asked (default: see docs/operations.md)", into<&StartOptions::socket>},
    {"--http", "", "ADDRESS:PORT", "tell /metrics and /healthz over TCP, too (a port alone: on 127.0.0.1)",
     into<&StartOptions::http>},
    {"--http-host", "", "NAME",
     "a name of this machine, without port, by which --http may be asked (a,b or given again)",
     into<&StartOptions::http_hosts>},
    {"--metrics-buckets", "", "DURATIONS", "bounds of task_duration_seconds: 10ms,1s,1m (default: see docs/metrics.md)",
     into<&StartOptions::metrics_buckets>},
    {"--manifest-limit", "", "SIZE", kLimitMeaning,
     into<&StartOptions::runner, &RunnerOptions::manifest, &ManifestChoice::limit>},
};

constexpr std::string_view kStartNotes =
    "exit codes:\n"
    "  0 a clean stop, 1 runs had to be killed (or failed: --fail-on-error), 2 usage,\n"
    "  66 no manifest, 70 internal error or no such containment, 73 the directory,\n"
    "  socket or port that was asked for cannot be had, 74 stdout failed, 75 another\n"
    "  runner is there, 78 manifest wrong\n";

// once ---------------------------------------------------------------------------------------------------------------

constexpr Example kOnceExamples[] = {
    {"taskrun once billing", "its exit code is the task's own"},
    {"taskrun once a b -m jobs.json --jobs 2", "two tasks side by side"},
    {"taskrun once --tag smoke --quiet", "every task with this tag"},
    {"taskrun once --all", "every task that is enabled"},
};

constexpr Flag kOnceFlags[] = {
    {"--manifest", "-m", "FILE", kManifestMeaning,
     into<&OnceOptions::runner, &RunnerOptions::manifest, &ManifestChoice::path>},
    {"--all", "", "", "every task that is enabled", into<&OnceOptions::all>},
    {"--tag", "", "TAG", kTagMeaning, into<&OnceOptions::tags>},
    {"--jobs", "", "N", "how many runs may be alive at once (default 1)", into<&OnceOptions::jobs>},
    {"--force", "", "", "disabled tasks, too", into<&OnceOptions::force>},
    {"--quiet", "", "", "do not show the tasks' output on stderr as it comes", into<&OnceOptions::quiet>},
    {"--result-file", "", "FILE", "write the line of each result to this file, too", into<&OnceOptions::result_file>},
    {"--events", "", "all|results", kEventsMeaning, into<&OnceOptions::runner, &RunnerOptions::events>},
    {"--stop-timeout", "", "DURATION", kStopTimeoutMeaning, into<&OnceOptions::runner, &RunnerOptions::stop_timeout>},
    {"--on-stdout-closed", "", "stop|continue", kStdoutClosedMeaning,
     into<&OnceOptions::runner, &RunnerOptions::on_stdout_closed>},
    {"--containment", "", "auto|cgroup|subreaper", kContainmentMeaning,
     into<&OnceOptions::runner, &RunnerOptions::containment>},
    {"--manifest-limit", "", "SIZE", kLimitMeaning,
     into<&OnceOptions::runner, &RunnerOptions::manifest, &ManifestChoice::limit>},
};

constexpr std::string_view kOnceNotes =
    "exit codes:\n"
    "  of one task: its own (1 where it failed with 0, by success_codes); 124 timed\n"
    "  out, 128+n ended by signal n, 125 could not start, 126 not executable, 127 not\n"
    "  found. Of several: 0, or 1 if any failed. Before any run: 2 usage, 66 no\n"
    "  manifest, 73 --result-file cannot be made, 75 the task is disabled, 78\n"
    "  manifest wrong. 74 stdout failed.\n";

// check, list --------------------------------------------------------------------------------------------------------

constexpr Example kCheckExamples[] = {
    {"taskrun check", "the taskrun.json here or in a parent directory"},
    {"taskrun check jobs.json --json", "for programs"},
    {"generate-jobs | taskrun check -", "from stdin"},
};

constexpr Flag kCheckFlags[] = {
    {"--json", "", "", "one JSON object instead of text", into<&CheckOptions::json>},
    {"--manifest-limit", "", "SIZE", kLimitMeaning, into<&CheckOptions::manifest, &ManifestChoice::limit>},
};

constexpr Example kListExamples[] = {
    {"taskrun list", "every task, when it runs, and its timeout"},
    {"taskrun list jobs.json --tag smoke", "those that have a tag"},
    {"taskrun list --json | jq '.[].name'", "for programs"},
};

constexpr Flag kListFlags[] = {
    {"--tag", "", "TAG", kTagMeaning, into<&ListOptions::tags>},
    {"--json", "", "", "one JSON array instead of a table", into<&ListOptions::json>},
    {"--manifest-limit", "", "SIZE", kLimitMeaning, into<&ListOptions::manifest, &ManifestChoice::limit>},
};

// next, explain ------------------------------------------------------------------------------------------------------

constexpr Example kNextExamples[] = {
    {"taskrun next", "what comes next, of all tasks"},
    {"taskrun next cleanup -n 10", "ten times of one task"},
    {"taskrun next --cron '30 2 * * *' --timezone Europe/Berlin", "of an expression"},
};

constexpr std::string_view kFromMeaning = "the times after this one, RFC 3339 (default now)";

constexpr Flag kNextFlags[] = {
    {"--count", "-n", "N", "how many (default 5)", into<&NextOptions::count>},
    {"--cron", "", "EXPR", "of this expression, not of a manifest's tasks (also --expr)", into<&NextOptions::cron>,
     "--expr"},
    {"--timezone", "", "ZONE", "the zone of --cron (default: the local one; also --tz)", into<&NextOptions::timezone>,
     "--tz"},
    {"--from", "", "TIME", kFromMeaning, into<&NextOptions::from>},
    {"--json", "", "", "one JSON array instead of a table", into<&NextOptions::json>},
    {"--batch", "", "", "answer questions on stdin, one JSON object a line (docs/schedules.md)",
     into<&NextOptions::batch>},
    {"--manifest", "-m", "FILE", kManifestMeaning, into<&NextOptions::manifest, &ManifestChoice::path>},
    {"--manifest-limit", "", "SIZE", kLimitMeaning, into<&NextOptions::manifest, &ManifestChoice::limit>},
};

constexpr Example kExplainExamples[] = {
    {"taskrun explain cleanup", "why it runs now, or does not"},
    {"taskrun explain cleanup 2026-03-29T02:30", "at that time on the clock of its zone"},
    {"taskrun explain cleanup 2026-03-29T00:30:00Z", "at that moment"},
};

constexpr Flag kExplainFlags[] = {
    {"--json", "", "", "one JSON object instead of text", into<&ExplainOptions::json>},
    {"--manifest", "-m", "FILE", kManifestMeaning, into<&ExplainOptions::manifest, &ManifestChoice::path>},
    {"--manifest-limit", "", "SIZE", kLimitMeaning, into<&ExplainOptions::manifest, &ManifestChoice::limit>},
};

// init, schema, builtins ---------------------------------------------------------------------------------------------

constexpr Example kInitExamples[] = {
    {"taskrun init", "writes taskrun.json"},
    {"taskrun init jobs.json", "another name"},
};

constexpr Flag kInitFlags[] = {
    {"--force", "", "", "replace the file if there is one", into<&InitOptions::force>},
};

constexpr Example kSchemaExamples[] = {
    {"taskrun schema > manifest.schema.json", "of the manifest"},
    {"taskrun schema event", "of the event lines on stdout"},
    {"taskrun schema control", "of the socket, as OpenAPI 3.1"},
};

constexpr Example kBuiltinsExamples[] = {
    {"taskrun builtins", "all of them"},
    {"taskrun builtins cleanup", "the arguments of one"},
};

constexpr Flag kBuiltinsFlags[] = {
    {"--json", "", "", "JSON instead of text", into<&BuiltinsOptions::json>},
};

constexpr Example kCompletionExamples[] = {
    {"source <(taskrun completion bash)", "in ~/.bashrc; for zsh likewise in ~/.zshrc, after compinit"},
    {"taskrun completion fish | source", "in ~/.config/fish/config.fish"},
};

constexpr std::string_view kCompletionNotes =
    "It completes commands, flags, their words and files, and the names of tasks: of\n"
    "the running runner where the command asks one, else of the manifest.\n";

constexpr Example kManExamples[] = {
    {"taskrun man | man -l -", "read it where it is not installed"},
};

constexpr Command kFirstCommands[] = {
    {"start",
     "run tasks on their schedules, in the foreground",
     kStartExamples,
     {"MANIFEST", kManifestMeaning, false, false,
      into<&StartOptions::runner, &RunnerOptions::manifest, &ManifestChoice::path>},
     kStartFlags,
     kStartNotes,
     defaults<StartOptions>},
    {"once",
     "run tasks now, once, and exit as they did",
     kOnceExamples,
     {"TASK", "the tasks to run", false, true, into<&OnceOptions::tasks>},
     kOnceFlags,
     kOnceNotes,
     defaults<OnceOptions>},
    {"check",
     "find every mistake of a manifest",
     kCheckExamples,
     {"MANIFEST", kManifestMeaning, false, false, into<&CheckOptions::manifest, &ManifestChoice::path>},
     kCheckFlags,
     "",
     defaults<CheckOptions>},
    {"list",
     "show tasks, schedules and timeouts",
     kListExamples,
     {"MANIFEST", kManifestMeaning, false, false, into<&ListOptions::manifest, &ManifestChoice::path>},
     kListFlags,
     "",
     defaults<ListOptions>},
    {"next",
     "show the coming due times",
     kNextExamples,
     {"TASK", "only these (default: all tasks of the manifest)", false, true, into<&NextOptions::tasks>},
     kNextFlags,
     "",
     defaults<NextOptions>},
    {"explain",
     "say why a task runs at a time, or does not",
     kExplainExamples,
     {"TASK", "the task", true, false, into<&ExplainOptions::task>},
     kExplainFlags,
     "",
     defaults<ExplainOptions>,
     false,
     {"TIME", "RFC 3339, or without an offset the clock of the task's zone (default: now)", false, false,
      into<&ExplainOptions::time>}},
};

constexpr Command kLastCommands[] = {
    {"init",
     "write a first manifest",
     kInitExamples,
     {"FILE", "where to (default taskrun.json); - is stdout", false, false, into<&InitOptions::path>},
     kInitFlags,
     "",
     defaults<InitOptions>},
    {"schema",
     "print the schema of manifests, event lines or the socket",
     kSchemaExamples,
     {"manifest|event|control", "which (default manifest)", false, false, into<&SchemaOptions::of>},
     {},
     "",
     defaults<SchemaOptions>},
    {"builtins",
     "show the built-in tasks and their arguments",
     kBuiltinsExamples,
     {"BUILTIN", "only this one", false, false, into<&BuiltinsOptions::name>},
     kBuiltinsFlags,
     "",
     defaults<BuiltinsOptions>},
    {"man", "print the manual page, for man(1)", kManExamples, {}, {}, "", defaults<ManOptions>},
    {"completion",
     "print the script by which a shell completes taskrun",
     kCompletionExamples,
     {"bash|zsh|fish", "which shell", true, false, into<&CompletionOptions::shell>},
     {},
     kCompletionNotes,
     defaults<CompletionOptions>},
    {"complete-words",
     "what the scripts of `completion` ask",
     {},
     {"WORD", "what is typed so far, after --", false, true, into<&CompleteWordsOptions::words>},
     {},
     "",
     defaults<CompleteWordsOptions>,
     true},
    {"exec-builtin",
     "what the runner starts for a task with `builtin`",
     {},
     {"BUILTIN", "the built-in; its arguments come on stdin", true, false, into<&ExecBuiltinOptions::name>},
     {},
     "",
     defaults<ExecBuiltinOptions>,
     true},
};

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (const std::span<const Command> part : {std::span<const Command>(kFirstCommands), client_commands(),
                                              history_commands(), std::span<const Command>(kLastCommands)}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> kAll = all_commands();
  return kAll;
}

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found = std::ranges::find(all, name, &Command::name);
  return found != all.end() ? &*found : nullptr;
}

}  // namespace taskrun::cli
