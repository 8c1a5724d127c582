#pragma once

#include "daemon/loop_lag.h"
#include "engine/engine.h"
#include "report/metrics.h"

namespace taskrun::daemon {

/// Runs of the task that have begun and not ended. One whose hook runs has ended: its final line comes before.
[[nodiscard]] std::size_t running(const engine::Engine& engine, const engine::Task& task);

/// How the engine and the loop stand at this moment, for a scrape.
class EnginePresent final : public report::Present {
 public:
  /// Both are borrowed.
  EnginePresent(const engine::Engine& engine, const LoopLag& lag) : engine_(engine), lag_(lag) {}

  [[nodiscard]] std::size_t end_id() const override;
  [[nodiscard]] std::optional<report::PresentTask> task(TaskId id) const override;
  [[nodiscard]] std::size_t running(TaskId id) const override;
  [[nodiscard]] std::optional<WallTime> next_run_at(TaskId id) const override;
  [[nodiscard]] Nanos loop_lag() const override;

 private:
  const engine::Engine& engine_;
  const LoopLag& lag_;
};

}  // namespace taskrun::daemon
