#pragma once

#include <string>

#include "cli/command.h"
#include "cli/terminal.h"

/// The text of --help, made from the table of commands: examples first, at most 80 columns.
namespace taskrun::cli {

[[nodiscard]] std::string overview(const Terminal& terminal);
[[nodiscard]] std::string help_of(const Command& command, const Terminal& terminal);

/// "taskrun next [TASK...] [flags]"
[[nodiscard]] std::string usage(const Command& command);

/// For `taskrun` without arguments: a few lines.
[[nodiscard]] std::string short_help();

}  // namespace taskrun::cli
