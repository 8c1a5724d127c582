#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.h"

namespace taskrun::cli {

struct Cell {
  std::string text;  ///< printable
  std::optional<Paint> paint = std::nullopt;
};

/// How a table that is wider than its terminal becomes narrow. Without it the last column is cut, then those from the
/// left.
struct Narrowing {
  /// Columns that are left out, in this order, unless there is room for 16 of each, and for all of the others.
  std::vector<std::size_t> expendable{};
  /// Of the others so many on the left are cut, the widest first, before the rest is touched.
  std::size_t elastic = 0;
};

/// Rows of cells under a heading (which may be empty), in aligned columns, as wide as their contents. On a terminal no
/// line is wider than it where that can be. No line ends with blanks.
[[nodiscard]] std::string table(const Terminal& terminal, const std::vector<std::string>& heading,
                                const std::vector<std::vector<Cell>>& rows,
                                const std::optional<Narrowing>& narrowing = std::nullopt);

/// At most `width` columns of a text without colours; where it is wider it ends with "…".
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

}  // namespace taskrun::cli
