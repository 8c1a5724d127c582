#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace taskrun::engine {

/// What a runner is told at its beginning, and again by ChangeSettings.
struct Settings {
  int max_parallel = 256;
  std::vector<std::pair<std::string, int>> pools;
  Nanos stop_timeout = std::chrono::seconds(10);
  std::uint64_t seed = 0;  ///< for run ids and retry jitter
};

}  // namespace taskrun::engine
