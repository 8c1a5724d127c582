#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/syntax_error.h"
#include "base/time.h"

namespace taskrun {

/// Which units a duration may use.
enum class DurationUnits {
  go,        ///< Go's time.ParseDuration to the letter: h m s ms us µs μs ns, signs, "0"
  manifest,  ///< Go's and d (24 h), w (7 d)
};

/// Reads "1h30m", "250ms", "1.5h". Whole numbers are exact; a fraction is read with Go's own arithmetic (a double), so
/// that both agree to the nanosecond. Beyond 64-bit nanoseconds (292 years) is an error.
[[nodiscard]] tl::expected<Nanos, SyntaxError> parse_duration(std::string_view text, DurationUnits units);

/// A short exact spelling for people, which parse_duration reads back: "10s", "1h30m", "7d", "1.5s", "250ms", "0s".
/// Days, hours, minutes and seconds that are zero are left out; less than a second is a fraction of its largest unit.
[[nodiscard]] std::string format_duration(Nanos duration);

}  // namespace taskrun
