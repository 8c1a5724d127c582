#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "model/outcome.h"

/// What a runner can be asked, as plain values, and the one who answers. Whatever is HTTP stays on the other side.
namespace taskrun::control {

struct RunnerState {
  std::string instance;
  std::string version;
  int pid = 0;
  WallTime started_at;
  std::string containment;
  std::string state;   ///< the state directory; "" for none
  std::string socket;  ///< "" for none
  std::size_t tasks = 0;
  std::size_t paused = 0;
  std::size_t running = 0;  ///< runs that have begun and not ended
  bool is_stopping = false;
  Nanos loop_lag{};  ///< how late the loop has been lately
};

/// A run that has not ended.
struct RunState {
  RunId id;
  int attempt = 1;
  Trigger trigger = Trigger::schedule;
  WallTime scheduled_at;
  std::optional<WallTime> started_at;  ///< of this attempt; none before its first
  std::string_view state;              ///< "waiting", "running", "stopping", "backing_off"
};

/// How the latest run that began has ended.
struct LastRun {
  RunId id;
  Outcome outcome = Outcome::success;
  WallTime started_at;
  Nanos duration{};
  ExitStatus exit;
  std::string error;
};

/// Runs of a task since the runner started, by how they ended.
struct RunCounts {
  std::uint64_t success = 0, failure = 0, timeout = 0, error = 0, cancelled = 0, skipped = 0;
};

struct TaskState {
  std::string name;
  TaskId id = 0;
  std::string description;
  std::vector<std::string> tags;
  std::string schedule;  ///< for people
  std::string_view overlap;
  std::optional<Nanos> timeout;
  bool is_enabled = true;
  bool is_paused = false;
  bool is_persisted = false;  ///< a client added it to stay
  std::string_view state;     ///< "idle", "paused", "disabled", "removed" (it ends), or the state of its oldest run
  std::optional<WallTime> next_run_at;
  std::vector<RunState> runs;
  std::optional<LastRun> last_run;
  RunCounts counts;
};

/// Some of the tasks, in the order of their ids.
struct TaskPage {
  std::vector<TaskState> tasks;
  std::optional<TaskId> next;  ///< where the next page begins; none: there is none
};

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
  Diagnostics diagnostics;  ///< of wrong_task
};

/// Takes the answer, on the loop's thread, once: at once or later.
template <class T>
using Answer = std::function<void(tl::expected<T, Refused>)>;

/// What has been asked for is done, and there is nothing to say about it.
struct Done {};

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

  virtual void add(const NewTask& task, Answer<TaskKey> answer) = 0;
  /// `stop`: ends its runs now; else they may finish.
  virtual void remove(TaskKey task, bool stop, Answer<Done> answer) = 0;
  virtual void pause(TaskKey task, Answer<Done> answer) = 0;
  virtual void resume(TaskKey task, Answer<Done> answer) = 0;
  virtual void trigger(TaskKey task, Answer<RunId> answer) = 0;
  virtual void cancel(RunId run, Answer<Done> answer) = 0;
  /// `now`: without waiting for runs to finish, and without their grace.
  virtual void stop(bool now, Answer<Done> answer) = 0;
};

}  // namespace taskrun::control
