#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "engine/timer_queue.h"
#include "model/task_spec.h"

namespace taskrun::engine {

/// One task of the runner: the definition in force and what is remembered of its schedule.
struct Task {
  TaskSpecPtr spec;  // null while the id is free
  TaskKey key;
  BootTime base;      // of `every`: due at base + k·period
  BootTime answered;  // the last due time that was run or recorded
  BootTime next_due;  // armed in due_timer
  TimerId due_timer;
  WallTime wall_answered;           // the same of `cron` and `at`
  WallTime next_wall_due;           // armed in wall_timer
  TimerId wall_timer;               // of the queue on the wall clock
  std::vector<WallTime> owed;       // missed due times that are still to be run, oldest first
  std::vector<std::uint32_t> runs;  // indices of its Run records, oldest first
  bool is_paused = false;
  bool is_removing = false;
  bool is_noted = false;      // its mark has changed in the answer under way
  bool has_wound_up = false;  // its on_stop was started, or there is none
};

/// The tasks by id and by name. Ids are small and reused, the one that has been free longest first; a generation tells
/// the holders of one id apart. References stay valid until the task is removed.
class Roster {
 public:
  /// Null where the name is taken.
  Task* add(TaskSpecPtr spec);
  /// The new definition has the name of the old one, which is the answer.
  TaskSpecPtr change(Task& task, TaskSpecPtr spec);
  void remove(TaskKey key);
  [[nodiscard]] Task& at(TaskId id) { return tasks_[id]; }
  [[nodiscard]] Task* find(TaskKey key);
  [[nodiscard]] const Task* find(std::string_view name) const;
  [[nodiscard]] const Task* find(TaskId id) const;
  [[nodiscard]] std::size_t size() const { return by_name_.size(); }
  /// No task has had this id yet, nor a larger one.
  [[nodiscard]] std::size_t end_id() const { return tasks_.size(); }

  template <class Visit>
  void for_each(Visit visit) {
    for (Task& task : tasks_) {
      if (task.spec != nullptr) visit(task);
    }
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Task& task : tasks_) {
      if (task.spec != nullptr) visit(task);
    }
  }

 private:
  std::deque<Task> tasks_;  // by id
  std::deque<TaskId> free_;
  std::unordered_map<std::string_view, TaskId> by_name_;  // views into the specs
};

}  // namespace taskrun::engine
