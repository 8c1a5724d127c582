#pragma once

#include <cstddef>
#include <string_view>

namespace taskrun {

/// Columns that a terminal gives to the character `text` begins with: 2 for those of East Asia and for pictures, 0 for
/// marks that stand above or below another, else 1; also for a byte that is none.
[[nodiscard]] std::size_t columns_of_character(std::string_view text);

/// Columns that a terminal needs for the text, which is printable().
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// The longest beginning of the text that is no wider than `columns`.
[[nodiscard]] std::string_view beginning_of(std::string_view text, std::size_t columns);

}  // namespace taskrun
