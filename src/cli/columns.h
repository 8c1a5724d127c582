#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace taskrun::cli {

/// What to write, and what it means.
struct Row {
  std::string left;
  std::string right;
};

/// Two columns of at most 80: the meanings are wrapped at blanks and stand below each other; a left side wider than
/// `widest_left` has its meaning in the next line. Every line ends with a newline.
[[nodiscard]] std::string columns(const std::vector<Row>& rows, std::size_t widest_left = 30);

}  // namespace taskrun::cli
