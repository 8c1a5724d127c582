#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/time.h"
#include "cli/client_options.h"
#include "cli/moment.h"
#include "cli/name.h"
#include "daemon/options.h"
#include "process/containment.h"
#include "report/json_lines.h"

/// What each command was asked to do: plain values, read and checked (parse.h), their defaults in.
namespace taskrun::cli {

/// Where the manifest is.
struct ManifestChoice {
  std::optional<std::string> path;  ///< none: $TASKRUN_MANIFEST, else looked for; "-" is stdin
  Bytes limit = limits::kManifestSize;
};

/// What `start` and `once` have in common.
struct RunnerOptions {
  ManifestChoice manifest;
  report::EventFilter events = report::EventFilter::all;
  daemon::OnStdoutClosed on_stdout_closed = daemon::OnStdoutClosed::stop;
  process::ContainmentChoice containment = process::ContainmentChoice::automatic;
  std::optional<Nanos> stop_timeout;  ///< none: the manifest's
};

struct StartOptions {
  RunnerOptions runner;
  std::optional<Nanos> run_for;  ///< none: until it is told to stop
  bool watch = false;            ///< read the manifest again when its file changes
  bool fail_on_error = false;
  std::vector<std::string> only;
  std::vector<std::string> tags;
  Name instance;                     ///< none: the manifest's
  std::optional<std::string> state;  ///< none: the usual place (state_directory.h)
  bool no_state = false;
  std::optional<std::string> socket;  ///< none: the usual place (socket_place.h)
};

struct OnceOptions {
  RunnerOptions runner;
  std::vector<std::string> tasks;
  bool all = false;
  std::vector<std::string> tags;
  int jobs = 1;
  bool force = false;
  bool quiet = false;
  std::string result_file;  ///< "" for none
};

struct CheckOptions {
  ManifestChoice manifest;
  bool json = false;
};

struct ListOptions {
  ManifestChoice manifest;
  bool json = false;
  std::vector<std::string> tags;
};

/// How many due times are shown: from 1 to limits::kDueTimesShown.
struct DueCount {
  int value = 5;
};

struct NextOptions {
  ManifestChoice manifest;
  std::vector<std::string> tasks;
  DueCount count;
  std::optional<std::string> cron;  ///< none: the manifest's tasks
  std::optional<std::string> timezone;
  std::optional<Instant> from;  ///< none: now
  bool json = false;
  bool batch = false;
};

struct ExplainOptions {
  ManifestChoice manifest;
  std::string task;
  std::optional<std::string> time;  ///< none: now; read in the task's zone
  bool json = false;
};

struct InitOptions {
  std::string path = "taskrun.json";
  bool force = false;
};

enum class SchemaChoice { manifest, event, control };

struct SchemaOptions {
  SchemaChoice of = SchemaChoice::manifest;
};

struct BuiltinsOptions {
  std::optional<std::string> name;
  bool json = false;
};

struct ManOptions {};

enum class Shell { bash, zsh, fish };

struct CompletionOptions {
  Shell shell = Shell::bash;
};

/// Words as they are typed: empty ones and commas, too.
struct TypedWords {
  std::vector<std::string> list;
};

/// Hidden: what the scripts of `completion` ask.
struct CompleteWordsOptions {
  TypedWords words;
};

/// Hidden: what the runner starts for a task with `builtin`.
struct ExecBuiltinOptions {
  std::string name;
};

/// `--help` and `--version`: a text for stdout.
struct ShowText {
  std::string text;
};

/// Something that taskrun does not understand: a text for stderr.
struct UsageMistake {
  std::string text;
};

using Invocation =
    std::variant<UsageMistake, ShowText, StartOptions, OnceOptions, CheckOptions, ListOptions, NextOptions,
                 ExplainOptions, StatusOptions, AddOptions, ChangeOptions, TriggerOptions, CancelOptions, ReloadOptions,
                 StopOptions, EventsOptions, InitOptions, SchemaOptions, BuiltinsOptions, ManOptions, CompletionOptions,
                 CompleteWordsOptions, ExecBuiltinOptions>;

}  // namespace taskrun::cli
