#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "base/diagnostic.h"

namespace taskrun::report {

/// Appends a JSON array of {"severity","file","line","column","message","hint"}, of as many of the first diagnostics as
/// take at most about `room` bytes; how many those are.
std::size_t append_diagnostics(std::string& out, const Diagnostics& diagnostics,
                               std::size_t room = std::numeric_limits<std::size_t>::max());

}  // namespace taskrun::report
