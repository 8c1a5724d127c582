#pragma once

#include <string>

/// The manual page taskrun(1), made from the tables of commands and exit codes (command.h, exit_codes.h).
namespace taskrun::cli {

/// Source text for man(1) and groff, in the macros of man(7). The same text for the same version: it carries no date.
[[nodiscard]] std::string man_page();

}  // namespace taskrun::cli
