#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace taskrun::cli {

struct Cell {
  std::string text;  ///< printable
  std::optional<Paint> paint = std::nullopt;
};

/// Rows of cells under a heading (which may be empty), in aligned columns, as wide as their contents. On a terminal no
/// line is wider than it where that can be: the last column is cut, then those on the left. No line ends with blanks.
[[nodiscard]] std::string table(const Terminal& terminal, const std::vector<std::string>& heading,
                                const std::vector<std::vector<Cell>>& rows);

/// At most `width` characters of a text without colours; where it is longer the last of them is "…".
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

}  // namespace taskrun::cli
