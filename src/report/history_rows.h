#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/ids.h"
#include "base/time.h"

/// How values are stored in the rows of the history: moments in nanoseconds since 1970, run ids as their 16 bytes.
namespace taskrun::report {

[[nodiscard]] inline std::int64_t nanoseconds(WallTime time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline WallTime moment(std::int64_t nanoseconds) { return WallTime(Nanos(nanoseconds)); }

[[nodiscard]] inline std::span<const std::byte> bytes_of(const RunId& id) { return std::as_bytes(std::span(id.bytes)); }
[[nodiscard]] inline RunId run_id(std::span<const std::byte> stored) {
  RunId id;
  if (!stored.empty()) std::memcpy(id.bytes.data(), stored.data(), std::min(stored.size(), id.bytes.size()));
  return id;
}

}  // namespace taskrun::report
