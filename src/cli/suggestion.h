#pragma once

#include <span>
#include <string>
#include <string_view>

namespace taskrun::cli {

/// `: did you mean "billing"?`, to end a message about an unknown word; "" where none of the candidates is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace taskrun::cli
