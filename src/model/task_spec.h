#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/task_policy.h"
#include "schedule/schedule.h"

namespace taskrun {

/// One task as the manifest (or a client) defines it. Immutable once made; shared by the runs that use it.
struct TaskSpec {
  std::string name;
  What what;
  Schedule schedule;
  std::shared_ptr<const TaskPolicy> policy;  ///< never null
};

using TaskSpecPtr = std::shared_ptr<const TaskSpec>;

/// Whether the task may write a result to fd 3.
[[nodiscard]] bool wants_result(const TaskSpec& spec);

/// The task without whatever starts it by itself: for `once`.
[[nodiscard]] TaskSpecPtr on_request(TaskSpec spec);

/// "every 10m", "delay 5s", "cron 0 2 * * * Asia/Shanghai", "at 2026-02-03T04:05:06Z and 2 more", "on request": for
/// people.
[[nodiscard]] std::string describe(const Schedule& schedule);

// Words as they stand in the manifest.
[[nodiscard]] std::string_view to_word(DstPolicy::Gap value);
[[nodiscard]] std::string_view to_word(DstPolicy::Overlap value);

/// A whole manifest.
struct Manifest {
  std::string name;  ///< "" where the file gives none
  int max_parallel = 256;
  std::vector<std::pair<std::string, int>> pools;
  Nanos stop_timeout = std::chrono::seconds(10);
  std::vector<TaskSpecPtr> tasks;  ///< in the file's order; disabled ones too
};

}  // namespace taskrun
