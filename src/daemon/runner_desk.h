#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "control/desk.h"
#include "daemon/loop_lag.h"
#include "daemon/options.h"
#include "daemon/persisted_tasks.h"
#include "daemon/reload.h"
#include "engine/engine.h"
#include "report/metrics.h"
#include "report/sink.h"

namespace taskrun::daemon {

/// What of a runner can be asked about; all borrowed.
struct RunnerParts {
  engine::Engine& engine;
  const Options& options;
  const LoopLag& lag;
  PersistedTasks& persisted;
  Reload& reload;
};

/// Answers what is asked over the socket: looks at the engine for what is, keeps from the events what was, and hands on
/// what is wanted as inputs.
class RunnerDesk final : public control::Desk, public report::Sink {
 public:
  using Submit = std::function<void(engine::Input)>;

  /// Inputs given to `submit` are answered by replies that come to answered().
  /// `metrics` is borrowed.
  RunnerDesk(const RunnerParts& runner, const report::Metrics& metrics, Submit submit);

  void record(const Event& event) override;
  /// The run has ended, and is told with record() once that is in the history: until then it counts as alive.
  void put_off(const RunFinished& finished);
  void answered(const engine::Reply& reply);

  [[nodiscard]] control::RunnerState runner() override;
  [[nodiscard]] control::TaskPage tasks(TaskId from, std::size_t ids) override;
  [[nodiscard]] std::optional<TaskKey> find(std::string_view name) override;
  [[nodiscard]] std::optional<TaskKey> find(TaskId id) override;
  [[nodiscard]] std::optional<control::TaskState> task(TaskKey task) override;
  [[nodiscard]] std::function<std::string()> metrics(control::MetricsFormat format) override;
  void add(const control::NewTask& task, control::Answer<TaskKey> answer) override;
  void remove(TaskKey task, bool stop, control::Answer<control::Done> answer) override;
  void pause(TaskKey task, control::Answer<control::Done> answer) override;
  void resume(TaskKey task, control::Answer<control::Done> answer) override;
  void trigger(TaskKey task, Variables env, control::Answer<RunId> answer) override;
  void cancel(RunId run, control::Answer<control::Done> answer) override;
  void reload(control::Answer<control::Reloaded> answer) override;
  void stop(bool now, control::Answer<control::Done> answer) override;

 private:
  using Take = std::function<void(const engine::Reply&)>;
  /// What has become of a task's runs.
  struct Past {
    TaskKey of;
    std::optional<control::LastRun> last;
    control::RunCounts counts;
  };

  /// A run that has ended and is not told yet.
  struct Untold {
    TaskKey task;
    control::RunState run;
  };

  [[nodiscard]] Past& past_of(const TaskRef& task);
  void note(const RunFinished& finished);
  [[nodiscard]] std::optional<control::Refused> refusal_to_add(const std::string& name) const;
  [[nodiscard]] control::TaskState state_of(const engine::Task& task) const;
  [[nodiscard]] std::vector<control::RunState> runs_of(const engine::Task& task) const;
  template <class Wanted>
  void ask(Wanted wanted, Take take);

  engine::Engine& engine_;
  const Options& options_;
  const LoopLag& lag_;
  PersistedTasks& persisted_;
  Reload& reload_;
  const report::Metrics& metrics_;
  Submit submit_;
  WallTime started_at_;
  int pid_ = 0;
  std::string containment_;
  std::string socket_;
  std::string http_;
  std::unordered_map<TaskId, Past> past_;
  std::deque<Untold> untold_;  // in the order in which they will be told
  std::unordered_map<engine::RequestId, Take> waiting_;
  engine::RequestId last_request_ = 1;  // 1 is the daemon's own
};

}  // namespace taskrun::daemon
