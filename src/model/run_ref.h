#pragma once

#include "base/ids.h"
#include "base/time.h"
#include "model/outcome.h"
#include "model/task_spec.h"

namespace taskrun {

/// The task an event is about.
struct TaskRef {
  TaskSpecPtr spec;  ///< the definition in force; never null
  TaskId id = 0;
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
