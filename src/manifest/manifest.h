#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/parameter.h"
#include "base/result.h"
#include "model/task_spec.h"

/// The manifest: JSON text in, task specs or the user's mistakes out. Nothing here looks at a file, the environment or
/// a clock: what lies outside the text is asked through `Surroundings`, so tests need no disk.
namespace taskrun::manifest {

/// A built-in task as the loader knows it: enough to check `builtin` and `with`. Views into static storage.
struct KnownBuiltin {
  std::string_view name;
  std::span<const Parameter> parameters;
  /// What makes no sense about arguments of the right types, given as JSON; "" where all is well. Shows no value. Null:
  /// not asked.
  std::string (*problem)(std::string_view builtin, std::string_view arguments) = nullptr;
};

/// What the warning about a missing program needs to know: argv[0] and where the task will look for it.
struct ProgramLookup {
  std::string program;
  std::optional<std::string> path;  ///< the PATH that the task will see; none: it sees none
  std::string cwd;                  ///< "" for the runner's
};

/// Why no run could have the user and the group of its task, here and now.
enum class AccountDoubt { none, no_user, no_group, needs_root };

/// Everything about the world that decides what a manifest means.
struct Surroundings {
  /// The manifest's name in messages; "<stdin>" for "-".
  std::string file;
  /// The runner's environment; a null function is an empty one.
  std::function<std::optional<std::string>(const std::string& name)> variable;
  /// The text of an env_file, at most limits::kEnvFileSize; a relative path is meant from the manifest's directory. The
  /// error's message is shown, but not of an interpolated path. Null: every env_file is missing. However many tasks
  /// name one file, it is asked for once (twice where `defaults` stand after the tasks).
  std::function<Result<std::string>(const std::string& path)> read_env_file;
  /// Whether the program is there now. Null: not checked. Asked as rarely.
  std::function<bool(const ProgramLookup&)> has_program;
  /// What is to be said of a `user` and a `group`, "" where the task has none. Null: not checked. Asked as rarely.
  std::function<AccountDoubt(const std::string& user, const std::string& group)> doubt_account;
  /// Whether the warnings in a task are wanted, too. Null: all of them are.
  std::function<bool(const TaskSpec& task)> is_warned_of;
  /// The built-ins there are; none: every name is unknown.
  std::span<const KnownBuiltin> builtins;
  /// Where cron expressions hold that name no zone of their own; asked only by those. Null: UTC.
  std::function<Result<Zone>()> local_zone;
  /// For warnings about what is past, or comes within a year; none: there are none of those.
  std::optional<WallTime> now;
  /// The text is known to be no whole JSON (screen.h): its mistakes are wanted, its tasks need not be kept.
  bool is_broken = false;
  bool is_root = false;
  /// Everybody may write the manifest's file: a warning, and as root an error.
  bool is_writable_by_others = false;
};

struct Loaded {
  /// Complete and checked where there are no errors; else of no use.
  Manifest manifest;
  /// In the file's order, errors and warnings mixed; at most limits::kDiagnostics of each.
  Diagnostics diagnostics;
  /// What was found beyond that. After limits::kDiagnosticsCounted errors the text is read no further.
  std::size_t more_errors = 0;
  std::size_t more_warnings = 0;
  [[nodiscard]] bool is_valid() const { return !has_errors(diagnostics); }
};

/// Reads a whole manifest by the rules of docs/manifest.md and reports every mistake in one pass; where the text is no
/// JSON, what was found before that place is reported too. The caller has checked the size (limits::kManifestSize).
/// No message holds the value of an environment variable.
[[nodiscard]] Loaded load(std::string_view text, const Surroundings& surroundings);

/// The JSON Schema (2020-12) of a manifest, indented, with a final newline. It accepts what load() accepts; names of
/// built-ins and their arguments are in it for those given.
[[nodiscard]] std::string json_schema(std::span<const KnownBuiltin> builtins);

/// The key tables of docs/manifest.md as Markdown, by section: "top level", "what", "when", "start", "how", "retry",
/// "output", "limits", "dst", "hook". Made from the same rows as load() and json_schema().
[[nodiscard]] std::string key_table(std::string_view section);

}  // namespace taskrun::manifest
