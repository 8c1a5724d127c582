#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace taskrun::manifest {

/// A place as people count: lines and characters, both from 1.
struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
};

/// Turns byte offsets of one text into places. The text is read once; then a place costs the same wherever it is, also
/// in a line of many megabytes.
class Places {
 public:
  explicit Places(std::string_view text);
  [[nodiscard]] Place of(std::size_t offset) const;
  [[nodiscard]] std::size_t line_begin(std::size_t offset) const;

 private:
  // What is known at the first byte of each chunk.
  struct Mark {
    std::size_t lines = 0;       // newlines before it
    std::size_t characters = 0;  // before it
    std::size_t line_begin = 0;  // of the line it is in
  };
  [[nodiscard]] Mark mark_at(std::size_t offset) const;

  std::string_view text_;
  std::vector<Mark> marks_;
};

}  // namespace taskrun::manifest
