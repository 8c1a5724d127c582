#pragma once

#include <random>
#include <string_view>

#include "base/time.h"
#include "model/task_spec.h"

/// How long a start is put off: pure arithmetic.
namespace taskrun::engine {

/// The wait after attempt `attempt` (from 1): min(max_delay, delay·backoff^(attempt-1)), times 1±jitter by `random`.
[[nodiscard]] Nanos retry_wait(const RetryPolicy& policy, int attempt, std::mt19937_64& random);

/// A point in [0, jitter] that depends on nothing but the task's name and the due time, so that two hosts agree and
/// tasks of one due time spread.
[[nodiscard]] Nanos jitter_wait(Nanos jitter, std::string_view task, WallTime due);

}  // namespace taskrun::engine
