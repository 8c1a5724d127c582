#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "cli/moment.h"
#include "model/task_spec.h"

namespace taskrun::cli {

/// First due time of a schedule strictly after `after`, for a runner that started at `start`: nothing where there is
/// none, or where it depends on the end of a run.
[[nodiscard]] std::optional<WallTime> next_due_after(const Schedule& schedule, WallTime start, WallTime after);

/// Whether a schedule counts from the runner's start, and not by the calendar.
[[nodiscard]] bool is_from_start(const Schedule& schedule);

struct DueTime {
  WallTime at;
  TaskSpecPtr task;
};

/// The first `count` due times strictly after `from` of all these tasks together, in order; as if the runner started at
/// `from`. Disabled tasks have none.
[[nodiscard]] std::vector<DueTime> coming(const std::vector<TaskSpecPtr>& tasks, WallTime from, std::size_t count);

/// The first `count` of one expression, as far as clocks of its zone show a year from 0 to 9999, which is all that RFC
/// 3339 can write. `@every` counts from `from` as well.
[[nodiscard]] std::vector<Instant> coming(const ParsedCron& cron, std::chrono::sys_seconds from, std::size_t count);

}  // namespace taskrun::cli
