#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/ids.h"
#include "base/result.h"
#include "control/metrics_format.h"
#include "control/state.h"
#include "model/task_policy.h"

/// What a runner can be asked for, as plain values, and the one who answers. Whatever is HTTP stays on the other side.
namespace taskrun::control {

/// A task that a client brings.
struct NewTask {
  std::string name;
  std::string definition;     ///< what stands behind the name in a manifest: one JSON object, compact
  bool is_persisted = false;  ///< back at the next start
};

/// Why not.
enum class Refusal {
  unknown_task,
  unknown_run,
  wrong_task,
  wrong_env,  ///< variables that a run cannot have
  wrong_manifest,
  unreadable_manifest,
  name_taken,
  disabled,
  overlap,
  paused,
  pool,
  stopping,
  no_state,            ///< nothing can be persisted
  too_many_persisted,  ///< limits::kPersistedTasks, limits::kPersistedSize
  state_failed,        ///< the state directory cannot be written
  lagging,             ///< the loop is later than limits::kLoopLag
};

[[nodiscard]] std::string_view to_word(Refusal value);

struct Refused {
  Refusal reason = Refusal::unknown_task;
  std::string message;
  Diagnostics diagnostics;  ///< of wrong_task and wrong_manifest
};

/// Takes the answer, on the loop's thread, once: at once or later.
template <class T>
using Answer = std::function<void(tl::expected<T, Refused>)>;

/// What has been asked for is done, and there is nothing to say about it.
struct Done {};

/// What a manifest that was read again has done, in tasks.
struct Reloaded {
  std::size_t added = 0, changed = 0, removed = 0, unchanged = 0;
};

/// Answers for the runner: the daemon. Every call is on the loop's thread. What is answered without a refusal has taken
/// effect.
class Desk {
 public:
  virtual ~Desk() = default;
  [[nodiscard]] virtual RunnerState runner() = 0;
  /// Those whose ids lie among the `ids` from `from` on. Costs what so many tasks cost.
  [[nodiscard]] virtual TaskPage tasks(TaskId from, std::size_t ids) = 0;
  [[nodiscard]] virtual std::optional<TaskKey> find(std::string_view name) = 0;
  [[nodiscard]] virtual std::optional<TaskKey> find(TaskId id) = 0;
  /// Nothing where the task has been removed.
  [[nodiscard]] virtual std::optional<TaskState> task(TaskKey task) = 0;

  /// What is counted and timed, in pieces: each call makes the next one; "" after the last.
  [[nodiscard]] virtual std::function<std::string()> metrics(MetricsFormat format) = 0;

  virtual void add(const NewTask& task, Answer<TaskKey> answer) = 0;
  /// `stop`: ends its runs now; else they may finish.
  virtual void remove(TaskKey task, bool stop, Answer<Done> answer) = 0;
  virtual void pause(TaskKey task, Answer<Done> answer) = 0;
  virtual void resume(TaskKey task, Answer<Done> answer) = 0;
  /// `env`: variables for this run alone, over the task's own.
  virtual void trigger(TaskKey task, Variables env, Answer<RunId> answer) = 0;
  virtual void cancel(RunId run, Answer<Done> answer) = 0;
  /// Reads the manifest again, all of it or nothing. Where it is refused, the one before stays in force.
  virtual void reload(Answer<Reloaded> answer) = 0;
  /// `now`: without waiting for runs to finish, and without their grace.
  virtual void stop(bool now, Answer<Done> answer) = 0;
};

}  // namespace taskrun::control
