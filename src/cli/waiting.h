#pragma once

#include <string>

#include "base/time.h"
#include "cli/moment.h"

namespace taskrun::cli {

/// A wait for people, in its two largest units, rounded down: "in 3 h 12 min", "in 2 d", "in 45 s", "in 250 ms";
/// "now" for zero; "3 h 12 min ago" where it is negative.
[[nodiscard]] std::string in_words(Nanos wait);
/// The same of what is to come at a moment, to the nearest second: "in 1 h", though a part of a second has passed since
/// that was so. Below a second exact.
[[nodiscard]] std::string coming_in(Nanos wait);
/// From one moment to another, however far.
[[nodiscard]] std::string in_words(const Instant& from, const Instant& to);

}  // namespace taskrun::cli
