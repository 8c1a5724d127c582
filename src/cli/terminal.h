#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace taskrun::cli {

/// What text is written to: a terminal has a size, and colours unless the user wants none ($NO_COLOR, TERM=dumb).
/// A pipe or a file has neither.
struct Terminal {
  bool has_colour = false;
  std::optional<std::size_t> width;
  std::optional<std::size_t> height;
};

[[nodiscard]] Terminal terminal_at(int descriptor);

/// Whether it is a terminal that moves its cursor where it is told to.
[[nodiscard]] bool is_drawable(int descriptor);

enum class Paint { bold, dim, red, green, yellow };

/// `text` between the terminal's sequences; as it is where there are no colours.
[[nodiscard]] std::string paint(const Terminal& terminal, Paint how, std::string_view text);

}  // namespace taskrun::cli
