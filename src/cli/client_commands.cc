// The rows of the commands that talk to a running runner (command.cc has the others).

#include "cli/client_commands.h"

#include <algorithm>

namespace taskrun::cli {
namespace {

template <class Options>
Invocation defaults() {
  return Options{};
}

template <Change change>
Invocation change_defaults() {
  return ChangeOptions{.change = change};
}

constexpr std::string_view kInstanceMeaning = "the runner of this name (default: the only one there is)";
constexpr std::string_view kSocketMeaning = "the runner behind this socket";
constexpr std::string_view kJsonMeaning = "the runner's answer, as docs/control.md has it";

// The flags that each of them has; a macro would be shorter, and worse.
template <class Options>
constexpr Flag instance_flag() {
  return {"--instance", "", "INSTANCE", kInstanceMeaning,
          into<&Options::ask, &AskOptions::runner, &RunnerChoice::instance>};
}
template <class Options>
constexpr Flag socket_flag() {
  return {"--socket", "", "PATH", kSocketMeaning, into<&Options::ask, &AskOptions::runner, &RunnerChoice::socket>};
}
template <class Options>
constexpr Flag json_flag(std::string_view meaning = kJsonMeaning) {
  return {"--json", "", "", meaning, into<&Options::ask, &AskOptions::json>};
}

constexpr std::string_view kNotes =
    "exit codes:\n"
    "  0 done, 2 usage, or several runners and none was named, 69 no runner answers,\n"
    "  or it is stopping, 78 there is no such task\n";

// status -------------------------------------------------------------------------------------------------------------

constexpr Example kStatusExamples[] = {
    {"taskrun status", "the runner and its tasks"},
    {"taskrun status billing report", "only these tasks"},
    {"taskrun status --watch", "in place, until Ctrl-C"},
    {"taskrun status --check", "for health checks: exit code 0, or 69"},
    {"taskrun status --json | jq .runner.pid", "for programs"},
};

constexpr Flag kStatusFlags[] = {
    {"--watch", "", "", "show it anew in place as things happen, until Ctrl-C", into<&StatusOptions::watch>},
    {"--check", "", "", "only ask whether the runner is well", into<&StatusOptions::check>},
    json_flag<StatusOptions>("one JSON object: the runner and its tasks"),
    instance_flag<StatusOptions>(),
    socket_flag<StatusOptions>(),
};

// add ----------------------------------------------------------------------------------------------------------------

template <KeyName key, KeyForm form>
std::string into_key(Invocation& invocation, std::string_view text) {
  auto& keys = std::get<AddOptions>(invocation).keys;
  const auto known = std::ranges::find(keys, std::string_view(key.text), &KeyTexts::key);
  KeyTexts& meant = known != keys.end() ? *known : keys.emplace_back(KeyTexts{key.text, form, {}});
  meant.texts.emplace_back(text);
  return mistake_in(form, text);
}

std::string into_command(Invocation& invocation, std::string_view word) {
  std::get<AddOptions>(invocation).command.emplace_back(word);
  return "";
}

constexpr Example kAddExamples[] = {
    {"taskrun add sync --every 1h -- ./sync /a", "a command, as it stands there"},
    {"taskrun add x --delay 5m --shell 'ls *~'", "a text for the shell"},
    {"taskrun add x --every 1h --persist -- y", "back when the runner starts again"},
    {"taskrun add more.json", "the tasks of a file"},
};

// What each is, docs/manifest.md says.
constexpr Flag kAddFlags[] = {
    {"--every", "", "DURATION", "at a fixed rate", into_key<"every", KeyForm::text>},
    {"--delay", "", "DURATION", "so long after its last run has ended", into_key<"delay", KeyForm::text>},
    {"--cron", "", "EXPR", "by the calendar (may be given again)", into_key<"cron", KeyForm::list>},
    {"--at", "", "TIME", "once, RFC 3339 (may be given again)", into_key<"at", KeyForm::list>},
    {"--timezone", "", "ZONE", "of --cron", into_key<"timezone", KeyForm::text>},
    {"--run-at-start", "", "", "once more, at once", into_key<"run_at_start", KeyForm::truth>},
    {"--jitter", "", "DURATION", "put each start off by up to so long", into_key<"jitter", KeyForm::text>},
    {"--catch-up", "", "none|latest|all", "due times that were missed", into_key<"catch_up", KeyForm::text>},
    {"--start-deadline", "", "DURATION", "skip what could not start within it",
     into_key<"start_deadline", KeyForm::text>},
    {"--shell", "", "TEXT", "what to run, for /bin/sh", into_key<"shell", KeyForm::verbatim>},
    {"--timeout", "", "DURATION", "for an attempt, or none (default 10s)", into_key<"timeout", KeyForm::text>},
    {"--grace", "", "DURATION", "from the stop signal to SIGKILL (default 5s)", into_key<"grace", KeyForm::text>},
    {"--stop-signal", "", "SIGNAL", "what asks it to end (default TERM)", into_key<"stop_signal", KeyForm::text>},
    {"--overlap", "", "skip|queue|parallel|replace", "a due time while a run is alive",
     into_key<"overlap", KeyForm::text>},
    {"--pool", "", "NAME", "the pool that it takes a place of", into_key<"pool", KeyForm::text>},
    {"--retry", "", "N", "attempts in all", into_key<"retry", KeyForm::attempts>},
    {"--env", "", "K=V", "a variable (may be given again)", into_key<"env", KeyForm::variables>},
    {"--env-file", "", "FILE", "variables, from a file", into_key<"env_file", KeyForm::path>},
    {"--cwd", "", "DIR", "where it runs (default: the runner's)", into_key<"cwd", KeyForm::path>},
    {"--user", "", "NAME", "as whom it runs", into_key<"user", KeyForm::text>},
    {"--group", "", "NAME", "and with which group", into_key<"group", KeyForm::text>},
    {"--description", "", "TEXT", "for people", into_key<"description", KeyForm::text>},
    {"--persist", "", "", "keep it: it is back when the runner starts again", into<&AddOptions::persist>},
    json_flag<AddOptions>(),
    instance_flag<AddOptions>(),
    socket_flag<AddOptions>(),
};

constexpr std::string_view kAddNotes =
    "exit codes:\n"
    "  0 done, 1 the name is taken, or nothing can be kept, 2 usage, or several\n"
    "  runners and none was named, 66 there is no such file, 69 no runner answers,\n"
    "  or it is stopping, 73 it cannot be kept now, 78 the task is wrong\n";

// remove, pause, resume ----------------------------------------------------------------------------------------------

constexpr Example kRemoveExamples[] = {
    {"taskrun remove billing", "its run may finish"},
    {"taskrun remove billing --stop", "its run is ended"},
};

constexpr Flag kRemoveFlags[] = {
    {"--stop", "", "", "end its runs now; else they may finish", into<&ChangeOptions::stop>},
    json_flag<ChangeOptions>(),
    instance_flag<ChangeOptions>(),
    socket_flag<ChangeOptions>(),
};

constexpr Example kPauseExamples[] = {
    {"taskrun pause billing report", "nothing of them starts by itself"},
};

constexpr Example kResumeExamples[] = {
    {"taskrun resume billing report", "their due times count again"},
};

constexpr Flag kChangeFlags[] = {
    json_flag<ChangeOptions>(),
    instance_flag<ChangeOptions>(),
    socket_flag<ChangeOptions>(),
};

// trigger, cancel ----------------------------------------------------------------------------------------------------

std::string into_env(Invocation& invocation, std::string_view text) {
  std::get<TriggerOptions>(invocation).env.emplace_back(text);
  return mistake_in(KeyForm::variables, text);
}

constexpr Example kTriggerExamples[] = {
    {"taskrun trigger billing", "run it now; the answer is the run's id"},
    {"taskrun trigger billing --env DAY=monday", "with a variable of its own"},
    {"taskrun trigger billing --wait", "wait for its end, and exit as it did"},
};

constexpr Flag kTriggerFlags[] = {
    {"--env", "", "K=V", "a variable for this run alone (may be given again)", into_env},
    {"--wait", "", "", "wait for the end of the run, retries and all, and exit as 'once' would",
     into<&TriggerOptions::wait>},
    json_flag<TriggerOptions>(),
    instance_flag<TriggerOptions>(),
    socket_flag<TriggerOptions>(),
};

constexpr std::string_view kTriggerNotes =
    "exit codes:\n"
    "  0 done, 2 usage, or several runners and none was named, 69 no runner answers,\n"
    "  or it is stopping, 75 the task cannot run now (a run of it is alive, it is\n"
    "  paused or disabled, its pool is full), 78 there is no such task\n"
    "  with --wait the task's own, 124 timed out, 128+n ended by signal n, 125 could\n"
    "  not start, 126 not executable, 127 not found, 75 it waited and was given up\n";

constexpr Example kCancelExamples[] = {
    {"taskrun cancel billing", "the run of this task"},
    {"taskrun cancel 019c2a6e-5d1f", "the run whose id begins so"},
};

constexpr Flag kCancelFlags[] = {
    json_flag<CancelOptions>(),
    instance_flag<CancelOptions>(),
    socket_flag<CancelOptions>(),
};

constexpr std::string_view kCancelNotes =
    "exit codes:\n"
    "  0 done, 1 no such run is alive, 2 usage, or several runs or runners may be\n"
    "  meant, 69 no runner answers, or it is stopping, 78 there is no such task\n";

// reload -------------------------------------------------------------------------------------------------------------

constexpr Example kReloadExamples[] = {
    {"taskrun check && taskrun reload", "read the manifest again: all of it, or nothing"},
};

constexpr Flag kReloadFlags[] = {
    json_flag<ReloadOptions>(),
    instance_flag<ReloadOptions>(),
    socket_flag<ReloadOptions>(),
};

constexpr std::string_view kReloadNotes =
    "exit codes:\n"
    "  0 done, 2 usage, or several runners and none was named, 66 there is no\n"
    "  manifest any more, 69 no runner answers, or it is stopping, 78 the manifest is\n"
    "  wrong, and the one before stays in force\n";

// stop, events -------------------------------------------------------------------------------------------------------

constexpr Example kStopExamples[] = {
    {"taskrun stop", "as SIGTERM does: runs may finish for a while"},
    {"taskrun stop --now --wait", "end them, and wait until all is over"},
};

constexpr Flag kStopFlags[] = {
    {"--now", "", "", "do not wait for runs, and give them no grace", into<&StopOptions::now>},
    {"--wait", "", "", "return when the runner has stopped", into<&StopOptions::wait>},
    json_flag<StopOptions>(),
    instance_flag<StopOptions>(),
    socket_flag<StopOptions>(),
};

constexpr std::string_view kStopNotes =
    "exit codes:\n"
    "  0 done (also where it was stopping already), 2 usage, or several runners and\n"
    "  none was named, 69 no runner answers\n";

constexpr Example kEventsExamples[] = {
    {"taskrun events", "the latest event lines, a minute of a busy runner"},
    {"taskrun events --follow --task billing", "and those to come, of one task"},
    {"taskrun events --since 1200 --follow", "after the line with this seq"},
};

constexpr Flag kEventsFlags[] = {
    {"--task", "", "TASK", "only the lines of this task", into<&EventsOptions::task>},
    {"--follow", "", "", "go on until the runner ends", into<&EventsOptions::follow>},
    {"--since", "", "SEQ", "begin after the line with this seq (default: the oldest there is)",
     into<&EventsOptions::since>},
    json_flag<EventsOptions>("changes nothing: the lines are JSON"),
    instance_flag<EventsOptions>(),
    socket_flag<EventsOptions>(),
};

constexpr std::string_view kEventsNotes =
    "exit codes:\n"
    "  0 done, 1 there is no line of that number yet, 2 usage, or several runners\n"
    "  and none was named, 69 no runner answers, or it is stopping, or went away,\n"
    "  74 stdout failed\n";

constexpr Command kCommands[] = {
    {"status",
     "show a running runner and its tasks",
     kStatusExamples,
     {"TASK", "only these (default: all)", false, true, into<&StatusOptions::tasks>},
     kStatusFlags,
     kNotes,
     defaults<StatusOptions>},
    {"add",
     "add a task to a running runner",
     kAddExamples,
     {"NAME|FILE", "the task's name; with nothing to run, a file of tasks, - is stdin", true, false,
      into<&AddOptions::what>},
     kAddFlags,
     kAddNotes,
     defaults<AddOptions>,
     false,
     {"COMMAND", "what to run, and its arguments", false, true, into_command, true}},
    {"remove",
     "remove tasks from a running runner",
     kRemoveExamples,
     {"TASK", "the tasks to remove", true, true, into<&ChangeOptions::tasks>},
     kRemoveFlags,
     kNotes,
     change_defaults<Change::remove>},
    {"pause",
     "let nothing of a task start by itself",
     kPauseExamples,
     {"TASK", "the tasks to pause", true, true, into<&ChangeOptions::tasks>},
     kChangeFlags,
     kNotes,
     change_defaults<Change::pause>},
    {"resume",
     "take a pause back",
     kResumeExamples,
     {"TASK", "the tasks to resume", true, true, into<&ChangeOptions::tasks>},
     kChangeFlags,
     kNotes,
     change_defaults<Change::resume>},
    {"trigger",
     "run a task of a running runner now",
     kTriggerExamples,
     {"TASK", "the task to run", true, false, into<&TriggerOptions::task>},
     kTriggerFlags,
     kTriggerNotes,
     defaults<TriggerOptions>},
    {"cancel",
     "end a run that is alive",
     kCancelExamples,
     {"RUN", "the run's id, the beginning of it, or its task's name", true, false, into<&CancelOptions::run>},
     kCancelFlags,
     kCancelNotes,
     defaults<CancelOptions>},
    {"reload", "read the manifest again", kReloadExamples, {}, kReloadFlags, kReloadNotes, defaults<ReloadOptions>},
    {"stop", "stop a running runner", kStopExamples, {}, kStopFlags, kStopNotes, defaults<StopOptions>},
    {"events",
     "print the event lines of a running runner",
     kEventsExamples,
     {},
     kEventsFlags,
     kEventsNotes,
     defaults<EventsOptions>},
};

}  // namespace

std::span<const Command> client_commands() { return kCommands; }

}  // namespace taskrun::cli
