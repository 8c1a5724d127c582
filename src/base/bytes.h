#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/syntax_error.h"

namespace taskrun {

/// A count of bytes, so that a size is never mistaken for another number.
struct Bytes {
  std::uint64_t count = 0;
  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

constexpr Bytes kibibytes(std::uint64_t n) { return Bytes{n << 10}; }
constexpr Bytes mebibytes(std::uint64_t n) { return Bytes{n << 20}; }

/// Reads "4096", "64KiB", "10MB": a whole number and a unit of 1000 (kB MB GB TB; KB too) or 1024 (KiB MiB GiB TiB), B
/// or none. More than 64 bits is an error.
[[nodiscard]] tl::expected<Bytes, SyntaxError> parse_bytes(std::string_view text);

/// The shortest exact spelling that the manifest reads back: "4KiB", "512MiB", "4097".
[[nodiscard]] std::string format_bytes(Bytes bytes);

/// The same for people: a number without a unit is followed by "bytes".
[[nodiscard]] std::string bytes_in_words(Bytes bytes);

}  // namespace taskrun
