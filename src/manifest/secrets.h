#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace taskrun::manifest {

/// The bytes [begin, end) of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The parts of a manifest that a message must not repeat although it shows the line they stand on: the strings in
/// `env` (and numbers), `with` and `stdin`, but no key, and not the NAME of a ${NAME}. Sorted. Only those that touch
/// one of `windows`, which are sorted by place. The text need not be well-formed.
[[nodiscard]] std::vector<Span> find_secrets(std::string_view text, const std::vector<Span>& windows);

}  // namespace taskrun::manifest
