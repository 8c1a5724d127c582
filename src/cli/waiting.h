#pragma once

#include <string>

#include "base/time.h"
#include "cli/moment.h"

namespace taskrun::cli {

/// A wait for people, in its two largest units, rounded down: "in 3 h 12 min", "in 2 d", "in 45 s", "in 250 ms";
/// "now" for zero; "3 h 12 min ago" where it is negative.
[[nodiscard]] std::string in_words(Nanos wait);
/// From one moment to another, however far.
[[nodiscard]] std::string in_words(const Instant& from, const Instant& to);

}  // namespace taskrun::cli
