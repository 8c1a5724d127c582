#pragma once

#include <cstdint>

namespace taskrun::sys {

/// What this process uses at this moment. What cannot be had is 0.
struct OwnResources {
  double cpu_seconds = 0;  ///< user and system
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;  ///< the soft limit
  double started_at = 0;              ///< seconds since 1970, to a hundredth
};

/// Reads /proc; a few dozen microseconds.
[[nodiscard]] OwnResources read_own_resources();

}  // namespace taskrun::sys
