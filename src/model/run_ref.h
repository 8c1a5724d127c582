#pragma once

#include <cstdint>

#include "base/ids.h"
#include "base/time.h"
#include "model/outcome.h"
#include "model/task_spec.h"

namespace taskrun {

/// The task an event is about.
struct TaskRef {
  TaskSpecPtr spec;  ///< the definition in force; never null
  TaskId id = 0;
  std::uint32_t generation = 0;  ///< of the id: when the event is told, another task may have it
  [[nodiscard]] TaskKey key() const { return {id, generation}; }
};

/// The run an event is about.
struct RunRef {
  TaskRef task;
  RunId id;
  int attempt = 1;
  Trigger trigger = Trigger::schedule;
  WallTime scheduled_at;
};

}  // namespace taskrun
