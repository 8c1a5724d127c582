#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.h"
#include "engine/input.h"
#include "model/due_mark.h"
#include "model/event.h"
#include "model/outcome.h"

/// What the engine answers: plain values, which the daemon carries out in their order.
namespace taskrun::engine {

struct StartAttempt {
  AttemptId attempt;
  RunRef run;
  std::shared_ptr<const Variables> env = nullptr;  ///< what the run was asked for with
};
/// `run` is the run that the hook follows; for on_stop a run id of its own. `outcome` and `exit` are that run's.
struct StartHook {
  AttemptId attempt;
  RunRef run;
  HookKind hook;
  std::optional<Outcome> outcome;
  ExitStatus exit;
};
struct StopAttempt {
  AttemptId attempt;
  int signal;
};
struct KillAttempt {
  AttemptId attempt;
};
/// Where its process was not begun yet, because something is waited for, it never will be: AttemptEnded says
/// `withdrawn`. Otherwise nothing.
struct WithdrawAttempt {
  AttemptId attempt;
};
struct Emit {
  Event event;
};
/// To be kept for the next runner; nothing waits for it: a run's claim tells by itself that its due time is answered.
/// No mark: the task is no more, or has no such due times any longer.
struct Remember {
  std::string task;
  std::optional<DueMark> mark;
};

enum class Refusal { unknown_task, unknown_run, name_taken, disabled, overlap, paused, pool, stopping };
struct Accepted {};
struct Reply {
  RequestId request;
  std::variant<Accepted, TaskKey, RunId, Refusal> answer;
};
/// The stop is complete: the last event has been emitted, nothing runs.
struct Stopped {
  bool runs_were_killed = false;
};

using Action =
    std::variant<StartAttempt, StartHook, StopAttempt, KillAttempt, WithdrawAttempt, Emit, Remember, Reply, Stopped>;

/// When TimePassed is due next; nothing where no deadline is armed.
struct Deadlines {
  std::optional<Nanos> wait;     ///< from now, on the boot-time clock; zero where it is overdue
  std::optional<WallTime> wall;  ///< when the wall clock shows this; may lie in the past
};

}  // namespace taskrun::engine
