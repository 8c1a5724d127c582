#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "engine/settings.h"
#include "model/due_mark.h"
#include "model/event.h"
#include "model/task_spec.h"

/// What the engine is told. Plain values, which a test writes too.
namespace taskrun::engine {

/// Who asked; echoed in the Reply. 0: nobody waits for an answer.
using RequestId = std::uint64_t;

/// A deadline may have passed, or a clock was set. Only this ends a run for its timeout.
struct TimePassed {};
/// Refused where the name is taken or the runner stops. `mark`: an earlier runner's; without one nothing was missed.
struct AddTask {
  TaskSpecPtr spec;
  RequestId request = 0;
  std::optional<DueMark> mark = std::nullopt;
};
/// A new definition of a task that is there, of the same name; nothing where it is not, or goes. It is in force from
/// the next due time on: what was due before keeps the old one. A schedule that stays the same keeps its phase.
struct ChangeTask {
  TaskKey task;
  TaskSpecPtr spec;
};
/// All but the seed. What runs goes on, also where there is no place for it any more.
struct ChangeSettings {
  Settings settings;
};
/// Idempotent. `stop`: end its runs now; else they may finish. Then on_stop runs, then the id is free.
struct RemoveTask {
  TaskKey task;
  bool stop = false;
  RequestId request = 0;
};
struct PauseTask {
  TaskKey task;
  RequestId request = 0;
};
struct ResumeTask {
  TaskKey task;
  RequestId request = 0;
};
struct TriggerTask {
  TaskKey task;
  RequestId request = 0;
  std::shared_ptr<const Variables> env = nullptr;  ///< for this run alone, over the task's own
};
struct CancelRun {
  RunId run;
  RequestId request = 0;
};
/// The process of a StartAttempt or StartHook exists.
struct AttemptStarted {
  AttemptId attempt;
  int pid = 0;
};
/// It has ended, or could not start (report.start_failure).
struct AttemptEnded {
  AttemptId attempt;
  AttemptReport report;
};
/// A run that an earlier runner left without an end: it is told, and counted, as one that died with it.
struct RunDied {
  std::string task;  ///< may be one that is no more
  RunId id;
  int attempt = 1;
  Trigger trigger = Trigger::schedule;
  WallTime scheduled_at;
  WallTime started_at;
};
/// Kept by an earlier runner, read only now: what had passed when the task was added, at `until`, goes by catch_up.
struct MarkFound {
  TaskKey task;
  DueMark mark;
  WallTime until;
};
/// The first one begins the stop; `now` (also as a later input) skips the waiting and the grace.
struct StopRunner {
  std::string cause;
  bool now = false;
};

using Input = std::variant<TimePassed, AddTask, ChangeTask, ChangeSettings, RemoveTask, PauseTask, ResumeTask,
                           TriggerTask, CancelRun, AttemptStarted, AttemptEnded, RunDied, MarkFound, StopRunner>;

}  // namespace taskrun::engine
