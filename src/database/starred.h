#pragma once

#include <span>
#include <string>
#include <string_view>

#include "database/session.h"

namespace taskrun::database {

/// `message` with a `*` for whatever of it is one of the values: a short one (up to 7 bytes) where it stands as a word,
/// so that a value of "e" does not eat every message; of a longer one every stretch of 8 bytes or more, because servers
/// cut what they quote. Blanks around a value do not count, nor does the case of ASCII letters.
[[nodiscard]] std::string starred(std::string_view message, std::span<const Value> values);

}  // namespace taskrun::database
