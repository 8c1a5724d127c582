#pragma once

#include <span>

#include "cli/command.h"

namespace taskrun::cli {

/// The commands that talk to a running runner: a part of commands(), in the order of --help.
[[nodiscard]] std::span<const Command> client_commands();

}  // namespace taskrun::cli
