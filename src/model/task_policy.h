#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/time.h"
#include "model/outcome.h"

/// What a task runs and how: everything a manifest says about it but its name and its schedule.
namespace taskrun {

// What to run. -------------------------------------------------------------------------------------------------------

struct ShellText {
  std::string text;  ///< for /bin/sh -c
  friend bool operator==(const ShellText&, const ShellText&) = default;
};

struct CommandLine {
  std::vector<std::string> argv;  ///< at least one; argv[0] is looked up in the task's PATH
  friend bool operator==(const CommandLine&, const CommandLine&) = default;
};

struct BuiltinCall {
  std::string name;
  std::string arguments;  ///< `with`, interpolated and checked: one JSON object as text
  friend bool operator==(const BuiltinCall&, const BuiltinCall&) = default;
};

using What = std::variant<ShellText, CommandLine, BuiltinCall>;

using Variables = std::vector<std::pair<std::string, std::string>>;  // in order; a later one wins

// How to run it. -----------------------------------------------------------------------------------------------------

enum class Overlap { skip, queue, parallel, replace };
enum class Leftovers { kill, wait, leave };
/// What becomes of due times that passed while nobody could look.
enum class CatchUp { none, latest, all };
enum class OutputMode { tail, lines, raw, none };

struct OutputPolicy {
  OutputMode mode = OutputMode::tail;
  Bytes limit = kibibytes(4);  ///< per stream, for `tail`
  friend bool operator==(const OutputPolicy&, const OutputPolicy&) = default;
};

/// Attempt n+1 starts min(max_delay, delay·backoffⁿ⁻¹)·(1±jitter) after attempt n has ended with an outcome in `on`.
struct RetryPolicy {
  int attempts = 1;
  Nanos delay = std::chrono::seconds(1);
  double backoff = 2;
  Nanos max_delay = std::chrono::minutes(5);
  double jitter = 0.1;
  std::vector<Outcome> on{Outcome::failure, Outcome::timeout, Outcome::error};
  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// Which of the runner's variables a task sees.
struct InheritEnv {
  bool all = true;
  std::vector<std::string> names;  ///< where not all: the names to keep
  friend bool operator==(const InheritEnv&, const InheritEnv&) = default;
};

/// Resource limits; what is absent is the runner's own.
struct ResourceLimits {
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> processes;
  std::optional<Bytes> memory;
  std::optional<Nanos> cpu;
  std::optional<Bytes> file_size;
  std::optional<Bytes> core;
  friend bool operator==(const ResourceLimits&, const ResourceLimits&) = default;
};

struct Hook {
  What what;
  std::optional<Nanos> timeout = std::chrono::seconds(10);  ///< none: no limit
  Variables env;
  friend bool operator==(const Hook&, const Hook&) = default;
};

enum class HookKind { on_success, on_failure, on_stop };

/// Everything about a task but its name, what it runs and when. Tasks that say nothing of their own share the
/// `defaults` object of their manifest, which keeps 100,000 tasks small.
struct TaskPolicy {
  std::string description;
  std::vector<std::string> tags;
  bool enabled = true;
  bool run_at_start = false;
  Nanos jitter{0};
  std::optional<Nanos> start_deadline;
  CatchUp catch_up = CatchUp::none;  ///< for schedules on the wall clock
  int catch_up_limit = limits::kCatchUpDefault;

  std::optional<Nanos> timeout = std::chrono::seconds(10);  ///< none: no limit
  Nanos grace = std::chrono::seconds(5);
  int stop_signal = 15;
  Leftovers leftovers = Leftovers::kill;
  Overlap overlap = Overlap::skip;
  std::string pool;  ///< "" for none
  RetryPolicy retry;
  std::vector<int> success_codes{0};

  Variables env;  ///< top-level env, then env_file, then the task's own: a later one wins
  InheritEnv inherit_env;
  std::string cwd;  ///< "" for the runner's
  std::optional<unsigned> umask;
  std::string user;  ///< name or number; "" for the runner's
  std::string group;
  std::optional<int> nice;
  ResourceLimits limits;
  std::optional<std::string> stdin_text;  ///< none: /dev/null
  OutputPolicy output;
  std::optional<bool> result;  ///< none: true for built-ins, else false

  std::optional<Hook> on_success;
  std::optional<Hook> on_failure;
  std::optional<Hook> on_stop;
  friend bool operator==(const TaskPolicy&, const TaskPolicy&) = default;
};

[[nodiscard]] const std::optional<Hook>& hook_of(const TaskPolicy& policy, HookKind kind);

// Words as they stand in the manifest and on the wire.
[[nodiscard]] std::string_view to_word(Overlap value);
[[nodiscard]] std::string_view to_word(Leftovers value);
[[nodiscard]] std::string_view to_word(CatchUp value);
[[nodiscard]] std::string_view to_word(OutputMode value);
[[nodiscard]] std::string_view to_word(HookKind value);

}  // namespace taskrun
