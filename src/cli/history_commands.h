#pragma once

#include <span>

#include "cli/command.h"

namespace taskrun::cli {

/// The commands that read what a runner has recorded: a part of commands(), in the order of --help.
[[nodiscard]] std::span<const Command> history_commands();

}  // namespace taskrun::cli
