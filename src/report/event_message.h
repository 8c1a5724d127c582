#pragma once

#include <string>

#include "model/event.h"

namespace taskrun::report {

/// How much an event matters. An error is a run that was meant to succeed and finally did not, or a promise of ours
/// that does not hold; a warning is what somebody should look at when it repeats.
[[nodiscard]] Level level_of(const Fact& fact);

/// The event in a few words for people ("billing failed: exit code 3"). Every fact in it stands in a key of its own.
[[nodiscard]] std::string message_of(const Fact& fact);

}  // namespace taskrun::report
