#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskrun::report {

/// Appends `bytes` as a JSON string, quotes included. Control characters (C0, DEL and C1) are escaped; each ill-formed
/// sequence becomes one U+FFFD (maximal subparts, as the Unicode Standard and Python do). True where that happened.
bool append_json_string(std::string& out, std::string_view bytes);

/// How many bytes append_json_string would append between the quotes.
[[nodiscard]] std::size_t encoded_size(std::string_view bytes);

/// The longest end of `bytes` that begins at a whole character and takes at most `room` bytes encoded.
[[nodiscard]] std::string_view fitting_tail(std::string_view bytes, std::size_t room);

/// The longest beginning of `bytes` that ends with a whole character and takes at most `room` bytes encoded.
[[nodiscard]] std::string_view fitting_head(std::string_view bytes, std::size_t room);

}  // namespace taskrun::report
