#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/parameter.h"

/// The contract of built-in tasks. A built-in runs in a process of its own, `/proc/self/exe exec-builtin NAME`, like
/// any other task: same timeout, tree kill, capture and result. Its arguments (`with`, checked at load against
/// `parameters`) come as one JSON object on standard input, so they show in no process list.
namespace taskrun::tasks {

class Arguments;

/// What the process of a built-in exits with.
enum class Exit : int {
  success = 0,
  failure = 1,
  arguments = 2,  ///< they cannot be read, or make no sense together
};

struct Builtin {
  std::string_view name;
  std::string_view summary;
  std::span<const Parameter> parameters;
  /// What makes no sense about arguments whose types are right, by looking at nothing but them; "" where all is well.
  /// Shows no value. Asked when a manifest is loaded, and again before `run`.
  std::string (*problem)(const Arguments& arguments);
  /// Does the work. Human text goes to stderr, the result (one JSON object) through write_result. May block for as long
  /// as it takes: the task's timeout ends the process.
  Exit (*run)(const Arguments& arguments);
};

/// Every built-in, by name: an explicit list, no registration behind the scenes.
[[nodiscard]] std::span<const Builtin> registry();
[[nodiscard]] const Builtin* find_builtin(std::string_view name);

/// Reads the arguments (one JSON object as text) by the built-in's table and runs it. What is wrong with them is told
/// on stderr and is Exit::arguments.
[[nodiscard]] Exit run(const Builtin& builtin, std::string_view arguments);

/// What is wrong with the arguments; "" where nothing is. Shows no value.
[[nodiscard]] std::string problem_with(const Builtin& builtin, std::string_view arguments);

/// Writes one JSON object to $TASKRUN_RESULT_FD; nothing where that is unset.
void write_result(std::string_view json_object);

/// The built-in's arguments as a Markdown table, for docs/builtins.md.
[[nodiscard]] std::string parameter_table(const Builtin& builtin);

}  // namespace taskrun::tasks
