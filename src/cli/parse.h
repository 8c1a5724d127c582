#pragma once

#include <span>

#include "cli/options.h"

namespace taskrun::cli {

/// Reads a command line, without the program's name, by the table of commands (command.h). What is wrong becomes a
/// UsageMistake: what it is, the nearest right word, and where to read on.
[[nodiscard]] Invocation parse(std::span<const char* const> arguments);

}  // namespace taskrun::cli
