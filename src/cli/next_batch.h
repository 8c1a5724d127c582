#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace taskrun::cli {

/// Answers one line of `taskrun next --batch` with one JSON object, without its newline. Whatever the line holds there
/// is an answer: what is wrong with it is its `error`, and its `id` comes back where one can be found.
[[nodiscard]] std::string answer_line(std::string_view line, WallTime now);

/// Answers each line of stdin on stdout until stdin ends; returns the exit code. Before it waits for more, everything
/// is answered that was asked.
[[nodiscard]] int answer_batch();

}  // namespace taskrun::cli
