#pragma once

#include <span>
#include <string_view>

#include "cli/flag.h"

namespace taskrun::cli {

struct Example {
  std::string_view command;
  std::string_view meaning;
};

/// One command: a row of the table from which the command line is read and --help is written. Views into static
/// storage.
struct Command {
  std::string_view name;
  std::string_view summary;
  std::span<const Example> examples;
  Positional positional;
  std::span<const Flag> flags;
  std::string_view notes;  ///< for the end of --help, in lines; may be empty
  Invocation (*defaults)();
  bool is_hidden = false;
  Positional second{};  ///< after `positional`; without a name where there is none
};

/// Every command, in the order of --help.
[[nodiscard]] std::span<const Command> commands();
[[nodiscard]] const Command* find_command(std::string_view name);

}  // namespace taskrun::cli
