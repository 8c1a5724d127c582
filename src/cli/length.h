#pragma once

#include <string>

#include "base/time.h"

namespace taskrun::cli {

/// How long something took, as a person tells it: "<1 ms", "306 ms", "1.5 s", "3 h 12 min".
[[nodiscard]] std::string length_of(Nanos length);

/// For how long something has gone on, in whole seconds: "0 s", "3 h 12 min". Zero where `begin` is in the future.
[[nodiscard]] std::string age_of(WallTime begin, WallTime now);

}  // namespace taskrun::cli
