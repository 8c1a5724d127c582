#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/places.h"
#include "manifest/secrets.h"

namespace taskrun::manifest {

/// A source line as a message shows it: cut around the place if long, secrets as stars, a column for each character.
struct Excerpt {
  std::string line;
  std::size_t caret = 0;  ///< 0-based column of the place in it
};

/// Shows the lines around some places of one text.
class Excerpts {
 public:
  /// `offsets` are sorted.
  Excerpts(std::string_view text, const Places& places, const std::vector<std::size_t>& offsets);
  [[nodiscard]] Excerpt around(std::size_t offset) const;

 private:
  [[nodiscard]] Span window_of(std::size_t offset) const;
  [[nodiscard]] bool is_line_end(std::size_t at) const;
  [[nodiscard]] std::string shown(Span part, std::size_t offset) const;

  std::string_view text_;
  const Places& places_;
  std::vector<Span> secrets_;
};

}  // namespace taskrun::manifest
