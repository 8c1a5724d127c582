#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/client_options.h"
#include "cli/history_options.h"
#include "cli/manifest_choice.h"
#include "cli/moment.h"
#include "cli/runner_options.h"

/// What each command was asked to do: plain values, read and checked (parse.h), their defaults in.
namespace taskrun::cli {

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
                 StopOptions, EventsOptions, HistoryOptions, ShowRunOptions, InitOptions, SchemaOptions,
                 BuiltinsOptions, ManOptions, CompletionOptions, CompleteWordsOptions, ExecBuiltinOptions>;

}  // namespace taskrun::cli
