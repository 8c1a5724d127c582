#include "daemon/engine_present.h"

#include <algorithm>

#include "sys/clock.h"

namespace taskrun::daemon {

std::size_t running(const engine::Engine& engine, const engine::Task& task) {
  const auto is_running = [&](std::uint32_t index) {
    const engine::Run& run = engine.run_at(index);
    return !run.hook && run.has_begun();
  };
  return static_cast<std::size_t>(std::ranges::count_if(task.runs, is_running));
}

std::size_t EnginePresent::end_id() const { return engine_.tasks().end_id(); }

std::optional<report::PresentTask> EnginePresent::task(TaskId id) const {
  const engine::Task* task = engine_.tasks().find(id);
  if (task == nullptr) return std::nullopt;
  return report::PresentTask{task->spec->name, task->key.generation};
}

std::size_t EnginePresent::running(TaskId id) const {
  const engine::Task* task = engine_.tasks().find(id);
  return task != nullptr ? daemon::running(engine_, *task) : 0;
}

std::optional<WallTime> EnginePresent::next_run_at(TaskId id) const {
  const engine::Task* task = engine_.tasks().find(id);
  return task != nullptr ? engine_.next_run_at(*task) : std::nullopt;
}

Nanos EnginePresent::loop_lag() const { return lag_.worst(sys::read_clocks().mono); }

}  // namespace taskrun::daemon
