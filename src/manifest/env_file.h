#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/task_policy.h"

namespace taskrun::manifest {

/// A line of an env_file that cannot be read. The message never holds the line's text: it may be a secret.
struct EnvFileMistake {
  std::size_t line = 0;  ///< from 1
  std::string message;
};

struct EnvFile {
  Variables variables;
  std::vector<EnvFileMistake> mistakes;
};

/// Reads lines of NAME=value. Empty lines and lines that begin with # are skipped, and so is a leading `export `. A
/// value runs to the end of its line, without the blanks around it; in single quotes it stands as it is, in double
/// quotes \n \t \" \\ \$ are escapes. Nothing is interpolated.
[[nodiscard]] EnvFile parse_env_file(std::string_view text);

/// The variables that the runner sets for a task, which nobody else may.
[[nodiscard]] std::span<const std::string_view> reserved_variables();

/// Whether a variable of the runner's environment is for the runner alone, whatever `inherit_env` says.
[[nodiscard]] bool is_never_inherited(std::string_view name);

/// What is wrong with a variable's name, whoever sets it; "" for nothing.
[[nodiscard]] std::string_view variable_syntax_mistake(std::string_view name);

/// What is wrong with the name of a variable that the manifest sets; "" for nothing.
[[nodiscard]] std::string_view variable_name_mistake(std::string_view name);

}  // namespace taskrun::manifest
