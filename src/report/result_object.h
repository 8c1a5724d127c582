#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace taskrun::report {

/// Checks what a task wrote to fd 3: one JSON object in UTF-8 of at most limits::kResultSize, no deeper than
/// limits::kJsonDepth, no key twice in one object. Gives it back without white space, numbers to the letter as they
/// came. The error's message says what is wrong, and shows nothing of what was written.
[[nodiscard]] Result<std::string> compact_json_object(std::string_view text);

}  // namespace taskrun::report
