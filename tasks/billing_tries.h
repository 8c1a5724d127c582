#pragma once

#include "base/limits.h"
#include "database/failure.h"

namespace taskrun::tasks {

/// What `attempt`, a transaction as a whole, answers: it is tried again, a few times, where another one is in the way.
template <class Attempt>
[[nodiscard]] auto with_tries(const Attempt& attempt) {
  for (int tries = 1;; ++tries) {
    auto answer = attempt();
    const bool is_busy = !answer && answer.error().kind == database::FailureKind::busy;
    if (!is_busy || tries == limits::kBillingTries) return answer;
  }
}

}  // namespace taskrun::tasks
