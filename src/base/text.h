#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace taskrun {

/// A task's, pool's or instance's name: [A-Za-z0-9][A-Za-z0-9._-]{0,63} (docs/manifest.md).
[[nodiscard]] bool is_name(std::string_view text);

/// The candidate that a user who wrote `word` most likely meant (optimal string alignment, case folded), or nothing
/// where none is near.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

/// Bytes of the well-formed UTF-8 character that `text` begins with, or 0 where it is ill-formed or cut.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

/// `text` as it may be shown on a terminal or in a message: control characters, ill-formed bytes and bidirectional
/// overrides become \xNN or \u{NNNN}; cut with "…" beyond `limit` characters.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

/// `text` in as many characters, one column each: a tab becomes a blank; what printable() would escape, U+FFFD. So a
/// caret below it stands where it should.
[[nodiscard]] std::string flattened(std::string_view text);

}  // namespace taskrun
