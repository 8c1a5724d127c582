#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace taskrun::manifest {

/// How far a text was good JSON.
struct GoodPart {
  enum class Last { nothing, opening, key, value };
  std::size_t end = 0;                ///< one past the last good token
  Last last = Last::nothing;          ///< what that token was
  std::span<const std::size_t> open;  ///< the brackets not yet closed, outermost first, by place
};

struct SyntaxFinding {
  std::size_t at = 0;
  std::string message;
  std::string hint;
};

/// Says in a person's words why the text is no JSON after its good part: the mistakes that people and other formats
/// make (comments, trailing commas, single quotes, NaN …) are known by name.
[[nodiscard]] SyntaxFinding explain(std::string_view text, const GoodPart& good);

/// First byte at or after `at` that is no JSON blank.
[[nodiscard]] std::size_t skip_blanks(std::string_view text, std::size_t at);

/// One past the closing quote of the string that begins at `begin`, or the text's end.
[[nodiscard]] std::size_t end_of_string(std::string_view text, std::size_t begin);

}  // namespace taskrun::manifest
