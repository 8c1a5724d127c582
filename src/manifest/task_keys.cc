// The table of a task's keys, and of a hook's, which begins with the same rows: what to run.

#include <fmt/format.h>

#include "base/limits.h"
#include "base/signals.h"
#include "base/text.h"
#include "manifest/draft.h"
#include "manifest/how.h"
#include "manifest/schema.h"

namespace taskrun::manifest {
namespace {

using namespace std::chrono_literals;

constexpr IntegerRange kExitCode{0, 255};
constexpr IntegerRange kNice{-20, 19};
constexpr IntegerRange kUserId{0, 4'294'967'294};
constexpr Nanos kAboveZero(1);
constexpr std::array kLeftovers{Leftovers::kill, Leftovers::wait, Leftovers::leave};
constexpr std::array kCatchUps{CatchUp::none, CatchUp::latest, CatchUp::all};
constexpr IntegerRange kCatchUpLimit{1, limits::kCatchUpMax};
constexpr std::array kOverlaps{Overlap::skip, Overlap::queue, Overlap::parallel, Overlap::replace};

// Whether `value` is the first of the keys that exclude each other; `key` and `key_at` remember which that was.
bool is_first(const Value& value, std::string_view& key, std::size_t& key_at, std::string_view question) {
  if (!key.empty() && key != value.key()) {
    value.key_error(fmt::format("both \"{}\" and \"{}\" say {}", key, value.key(), question), "keep one of them");
    return false;
  }
  key = value.key();
  key_at = value.key_at();
  return true;
}

bool is_first_what(const Value& value, WhatDraft& draft) {
  if (!is_first(value, draft.key, draft.key_at, "what to run")) return false;
  draft.value = &value.node();
  return true;
}

void read_shell(const Value& value, WhatDraft& draft) {
  if (!is_first_what(value, draft)) return;
  std::optional<std::string> text = value.verbatim();
  if (!text) return;
  if (text->empty()) value.error("\"shell\" must not be empty");
  draft.what = ShellText{std::move(*text)};
}

void read_command(const Value& value, WhatDraft& draft) {
  if (!is_first_what(value, draft)) return;
  if (value.node().kind == Kind::string) {
    value.wrong_type("an array of strings", "write [\"PROGRAM\", \"ARGUMENT\", …], or give the text to \"shell\"");
    return;
  }
  std::optional<std::vector<std::string>> argv = value.verbatims();
  if (!argv) return;
  if (argv->empty() || argv->front().empty()) value.error("\"command\" must name a program");
  draft.what = CommandLine{std::move(*argv)};
}

void read_builtin(const Value& value, WhatDraft& draft) {
  if (!is_first_what(value, draft)) return;
  if (std::optional<std::string> name = value.text()) draft.what = BuiltinCall{std::move(*name), "{}"};
}

void read_with(const Value& value, WhatDraft& draft) {
  draft.with = &value.node();
  draft.with_at = value.key_at();
}

std::string shell_schema() { return R"({"$ref":"#/$defs/verbatim","minLength":1})"; }
std::string command_schema() {
  return R"({"type":"array","prefixItems":[)" + shell_schema() + R"(],"items":)" + schema::verbatim() +
         R"(,"minItems":1})";
}

template <class Draft>
constexpr std::array<Key<Draft>, 4> kWhatKeys{{
    {"shell", "string", "", "`/bin/sh -c TEXT`; never interpolated by us",
     [](const Value& v, Draft& draft) { read_shell(v, draft); }, shell_schema, Part::what},
    {"command", "array of strings", "", "executed directly, looked up in the task's PATH; never interpolated by us",
     [](const Value& v, Draft& draft) { read_command(v, draft); }, command_schema, Part::what},
    {"builtin", "string", "", "a built-in task (`taskrun builtins`), run in its own process like any other",
     [](const Value& v, Draft& draft) { read_builtin(v, draft); }, [] { return schema::reference("builtin"); },
     Part::what},
    {"with", "object", "`{}`", "the built-in's arguments", [](const Value& v, Draft& draft) { read_with(v, draft); },
     [] { return schema::reference("with"); }, Part::what},
}};

bool is_first_when(const Value& value, WhenDraft& draft) {
  return is_first(value, draft.key, draft.key_at, "when to run");
}

template <class When>
void read_when(const Value& value, TaskDraft& task) {
  if (!is_first_when(value, task.when)) return;
  if (const std::optional<Nanos> period = value.duration(limits::kShortestPeriod)) task.when.schedule = When{*period};
}

// A key that matters to due times on the wall clock only.
void note_wall_key(const Value& value, TaskDraft& task) {
  task.when.wall_keys.push_back({value.key(), value.key_at()});
}

void read_tags(const Value& value, std::vector<std::string>& tags) {
  std::vector<std::string> read;
  for (const Value& item : value.items("an array of names")) {
    if (std::optional<std::string> name = item.name()) read.push_back(std::move(*name));
  }
  tags = std::move(read);
}

void read_success_codes(const Value& value, std::vector<int>& codes) {
  std::vector<int> read;
  for (const Value& item : value.items("an array of exit codes")) {
    if (const auto code = item.integer(kExitCode)) read.push_back(static_cast<int>(*code));
  }
  if (value.node().kind == Kind::array && value.node().items.empty())
    value.error("\"success_codes\" must not be empty");
  codes = std::move(read);
}

void read_nonempty(const Value& value, std::string& field) {
  std::optional<std::string> text = value.text();
  if (text && text->empty()) value.error(fmt::format("{} must not be empty", value.label()));
  keep(std::move(text), field);
}

void read_account(const Value& value, std::string& account) {
  if (value.node().kind == Kind::integer) {
    if (const auto number = value.integer(kUserId)) account = std::to_string(*number);
    return;
  }
  read_nonempty(value, account);
}

void read_retry(const Value& value, RetryPolicy& retry) {
  if (value.node().kind == Kind::integer) {
    value.wrong_type("an object", fmt::format("write {{\"attempts\": {}}}", printable(value.node().text, 20)));
  } else {
    read_object(value, retry_keys(), retry, {"in \"retry\""});
  }
}

bool is_output_mode(std::string_view word) {
  return std::ranges::any_of(kOutputModes, [&](OutputMode mode) { return to_word(mode) == word; });
}

void read_output(const Value& value, OutputPolicy& output) {
  if (value.node().kind == Kind::string && is_output_mode(value.node().text)) {
    value.wrong_type("an object", fmt::format("write {{\"mode\": \"{}\"}}", value.node().text));
  } else {
    read_object(value, output_keys(), output, {"in \"output\""});
  }
}

void read_hook(const Value& value, TaskDraft& task, std::optional<Hook> TaskPolicy::* field) {
  HookDraft draft;
  if (!read_object(value, hook_keys(), draft, {"in a hook"})) return;
  if (std::optional<What> what = finish_what(draft, value)) {
    draft.hook.what = std::move(*what);
    task.edit().*field = std::move(draft.hook);
    if (const Node* program = program_of(draft); program != nullptr) task.programs.push_back(program);
  }
}

std::string account_schema() { return schema::any_of({schema::nonempty_text(), schema::integer_in(kUserId)}); }

std::string stop_signal_schema() {
  std::string names = "RTMIN(\\+[0-9]+)?";
  for (int signal = 1; signal < 32; ++signal) names += '|' + signal_name(signal).substr(3);
  return schema::matching("^(SIG)?(" + names + ")$");
}

std::string time_schema() {
  return schema::matching(
      R"re(^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$)re");
}

constexpr std::array<Key<TaskDraft>, 11> kWhenKeys{{
    {"every", "duration ≥ `10ms`", "",
     "fixed rate from the runner's start: start + k·every. A slow machine skips due times, it never bursts",
     read_when<Every>, schema::duration, Part::when},
    {"delay", "duration ≥ `10ms`", "", "fixed delay: this long after the last run ended", read_when<Delay>,
     schema::duration, Part::when},
    {"cron", "string or array of strings", "",
     "times of the calendar, see [schedules.md](schedules.md): `\"0 2 * * *\"`",
     [](const Value& v, TaskDraft& task) {
       if (is_first_when(v, task.when)) task.when.cron = &v.node();
     },
     [] { return schema::any_of({schema::nonempty_text(), schema::array_of(schema::nonempty_text(), 1)}); },
     Part::when},
    {"at", "RFC 3339 time or array of them", "", "one-off times: `\"2027-01-01T00:00:00+01:00\"`",
     [](const Value& v, TaskDraft& task) {
       if (is_first_when(v, task.when)) read_at(v, task.when);
     },
     [] { return schema::any_of({time_schema(), schema::array_of(time_schema(), 1)}); }, Part::when},
    {"timezone", "name of a time zone", "the local zone", "IANA name, for `cron`: `\"Europe/Berlin\"`",
     [](const Value& v, TaskDraft& task) {
       if (const std::optional<Zone> zone = v.zone()) task.when.clock.zone = *zone;
       note_wall_key(v, task);
     },
     schema::nonempty_text, Part::start},
    {"dst", "object", R"(`{"gap": "run", "overlap": "once"}`)",
     "what becomes of a `cron` time that a clock change skips or repeats, see [Clock changes](#clock-changes)",
     [](const Value& v, TaskDraft& task) {
       read_object(v, dst_keys(), task.when.clock.dst, {"in \"dst\""});
       note_wall_key(v, task);
     },
     [] { return schema::object(dst_keys()); }, Part::start},
    {"catch_up", "`none`, `latest` or `all`", "`\"none\"`",
     "due times of `cron` and `at` that passed while the runner was down or suspended: `none` records them, `latest` "
     "runs "
     "the last of them, `all` the last `catch_up_limit`",
     [](const Value& v, TaskDraft& task) {
       keep(v.one_of(kCatchUps), task.edit().catch_up);
       note_wall_key(v, task);
     },
     schema::one_of<kCatchUps>, Part::start},
    {"catch_up_limit", "integer from 1 to 10000", "`100`", "how many missed due times `\"catch_up\": \"all\"` runs",
     [](const Value& v, TaskDraft& task) {
       if (const auto limit = v.integer(kCatchUpLimit)) task.edit().catch_up_limit = static_cast<int>(*limit);
       note_wall_key(v, task);
     },
     schema::integer<kCatchUpLimit>, Part::start},
    {"run_at_start", "boolean", "`false`", "one extra run when the runner starts",
     [](const Value& v, TaskDraft& task) { keep(v.boolean(), task.edit().run_at_start); }, schema::boolean,
     Part::start},
    {"jitter", "duration", "`0s`",
     "each start is put off by 0…jitter; always the same for one task and due time, so that two hosts agree and tasks "
     "spread",
     [](const Value& v, TaskDraft& task) { keep(v.duration(0s), task.edit().jitter); }, schema::duration, Part::start},
    {"start_deadline", "duration or `\"none\"`", "`\"none\"`",
     "a run that could not start this long after its due time is skipped and recorded",
     [](const Value& v, TaskDraft& task) { keep(v.duration_or_none(kAboveZero), task.edit().start_deadline); },
     schema::duration_or_none, Part::start},
}};

constexpr std::array<Key<TaskDraft>, 26> kHowKeys{{
    {"description", "string", "", "shown by `list`",
     [](const Value& v, TaskDraft& task) { keep(v.text(), task.edit().description); }, schema::text},
    {"tags", "array of names", "`[]`", "what `--tag` selects by",
     [](const Value& v, TaskDraft& task) { read_tags(v, task.edit().tags); },
     [] { return schema::array_of(schema::name()); }},
    {"enabled", "boolean", "`true`",
     "`false`: the task never runs by itself. Also a string that interpolates to exactly `true`, `false`, `1` or `0`",
     [](const Value& v, TaskDraft& task) { keep(v.boolean(/*also_text=*/true), task.edit().enabled); },
     [] { return schema::any_of({schema::boolean(), R"({"enum":["true","false","1","0"]})"}); }},
    {"timeout", "duration or `\"none\"`", "`10s`",
     "how long a whole attempt may take. Shown by `list` and in `task_added`, so it is never hidden",
     [](const Value& v, TaskDraft& task) { keep(v.duration_or_none(kAboveZero), task.edit().timeout); },
     schema::duration_or_none},
    {"grace", "duration", "`5s`", "between the stop signal and SIGKILL",
     [](const Value& v, TaskDraft& task) { keep(v.duration(0s), task.edit().grace); }, schema::duration},
    {"stop_signal", "name of a signal", "`\"TERM\"`", "what a run is asked to stop with",
     [](const Value& v, TaskDraft& task) { read_stop_signal(v, task.edit().stop_signal); }, stop_signal_schema},
    {"leftovers", "`kill`, `wait` or `leave`", "`\"kill\"`",
     "processes alive when the main process has ended: `kill` ends them, `wait`: the run lasts until they end or it "
     "times out, `leave` lets them live",
     [](const Value& v, TaskDraft& task) { keep(v.one_of(kLeftovers), task.edit().leftovers); },
     schema::one_of<kLeftovers>},
    {"overlap", "`skip`, `queue`, `parallel` or `replace`", "`\"skip\"`",
     "a due time while a run is alive: `skip` it, `queue` (one), run in `parallel`, `replace` (end the old one first)",
     [](const Value& v, TaskDraft& task) { keep(v.one_of(kOverlaps), task.edit().overlap); },
     schema::one_of<kOverlaps>},
    {"pool", "name in `pools`", "", "the named limit that its runs count against",
     [](const Value& v, TaskDraft& task) {
       keep(v.name(), task.edit().pool);
       task.pool_value = &v.node();
     },
     schema::name},
    {"retry", "object", "`{\"attempts\": 1}`", "trying again, see [Retry](#retry)",
     [](const Value& v, TaskDraft& task) { read_retry(v, task.edit().retry); },
     [] { return schema::object(retry_keys()); }},
    {"success_codes", "array of integers 0–255", "`[0]`", "the exit codes that mean success",
     [](const Value& v, TaskDraft& task) { read_success_codes(v, task.edit().success_codes); },
     [] { return schema::array_of(schema::integer_in(kExitCode), 1); }},
    {"env", "object of strings", "`{}`", "added to the environment",
     [](const Value& v, TaskDraft& task) { task.env = read_variables(v); }, schema::variables},
    {"env_file", "path", "",
     "a file of `NAME=value` lines added to the environment before `env`; a missing one is an error. See [Environment]"
     "(#environment)",
     [](const Value& v, TaskDraft& task) {
       task.env_file = v.text();
       task.env_file_value = &v.node();
     },
     schema::text},
    {"inherit_env", "boolean or array of names", "`true`",
     "which of the runner's own variables the task sees: all, none, or these. `NOTIFY_SOCKET`, `WATCHDOG_*` and "
     "`LISTEN_*` are never passed",
     [](const Value& v, TaskDraft& task) { read_inherit_env(v, task.edit().inherit_env); },
     [] { return schema::any_of({schema::boolean(), schema::array_of(schema::variable_name())}); }},
    {"cwd", "path", "the runner's", "working directory",
     [](const Value& v, TaskDraft& task) { read_nonempty(v, task.edit().cwd); }, schema::nonempty_text},
    {"umask", "string of octal digits", "the runner's", "file mode creation mask, such as `\"022\"`",
     [](const Value& v, TaskDraft& task) { read_umask(v, task.edit().umask); },
     [] { return schema::matching("^(0?[0-7]{1,3})$"); }},
    {"user", "name or number", "the runner's",
     "needs root. Supplementary groups are set, the drop is verified; when it fails the run does not start",
     [](const Value& v, TaskDraft& task) {
       read_account(v, task.edit().user);
       task.user_value = &v.node();
     },
     account_schema},
    {"group", "name or number", "the user's", "needs root",
     [](const Value& v, TaskDraft& task) {
       read_account(v, task.edit().group);
       task.group_value = &v.node();
     },
     account_schema},
    {"nice", "integer -20–19", "the runner's", "niceness",
     [](const Value& v, TaskDraft& task) {
       if (const auto nice = v.integer(kNice)) task.edit().nice = static_cast<int>(*nice);
     },
     schema::integer<kNice>},
    {"limits", "object", "the runner's", "resource limits, see [Limits](#limits)",
     [](const Value& v, TaskDraft& task) { read_object(v, limits_keys(), task.edit().limits, {"in \"limits\""}); },
     [] { return schema::object(limits_keys()); }},
    {"stdin", "string", "none (`/dev/null`)",
     "text given on standard input; never interpolated by us. Not with `builtin`",
     [](const Value& v, TaskDraft& task) {
       keep(v.verbatim(), task.edit().stdin_text);
       task.stdin_at = v.key_at();
     },
     schema::verbatim},
    {"output", "object", R"(`{"mode": "tail", "limit": "4KiB"}`)",
     "what becomes of stdout and stderr, see "
     "[Output](#output)",
     [](const Value& v, TaskDraft& task) { read_output(v, task.edit().output); },
     [] { return schema::object(output_keys()); }},
    {"result", "boolean", "`false`; of built-ins `true`",
     "the task may write one JSON object to descriptor 3 (`$TASKRUN_RESULT_FD`); it becomes `result` in `run_finished`",
     [](const Value& v, TaskDraft& task) {
       if (const std::optional<bool> wanted = v.boolean()) task.edit().result = wanted;
     },
     schema::boolean},
    {"on_success", "[hook](#hooks)", "", "runs after a run that succeeded",
     [](const Value& v, TaskDraft& task) { read_hook(v, task, &TaskPolicy::on_success); }, schema::hook},
    {"on_failure", "[hook](#hooks)", "", "runs once, after the last attempt, on every outcome that is not success",
     [](const Value& v, TaskDraft& task) { read_hook(v, task, &TaskPolicy::on_failure); }, schema::hook},
    {"on_stop", "[hook](#hooks)", "", "runs when the task is removed or the runner stops",
     [](const Value& v, TaskDraft& task) { read_hook(v, task, &TaskPolicy::on_stop); }, schema::hook},
}};

constexpr auto kTaskKeys = join(kWhatKeys<TaskDraft>, join(kWhenKeys, kHowKeys));

constexpr auto kHookKeys =
    join(kWhatKeys<HookDraft>,
         std::array<Key<HookDraft>, 2>{{
             {"timeout", "duration or `\"none\"`", "`10s`", "how long the hook may take",
              [](const Value& v, HookDraft& draft) { keep(v.duration_or_none(kAboveZero), draft.hook.timeout); },
              schema::duration_or_none},
             {"env", "object of strings", "`{}`", "added to the task's environment",
              [](const Value& v, HookDraft& draft) { draft.hook.env = read_variables(v); }, schema::variables},
         }});

}  // namespace

std::span<const Key<TaskDraft>> task_keys() { return kTaskKeys; }
std::span<const Key<HookDraft>> hook_keys() { return kHookKeys; }

}  // namespace taskrun::manifest
