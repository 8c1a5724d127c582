#include "engine/roster.h"

#include <cassert>
#include <utility>

namespace taskrun::engine {

Task* Roster::add(TaskSpecPtr spec) {
  if (by_name_.contains(spec->name)) return nullptr;
  TaskId id = 0;
  if (free_.empty()) {
    id = static_cast<TaskId>(tasks_.size());
    tasks_.emplace_back().key = {id, 0};
  } else {
    id = free_.front();
    free_.pop_front();
  }
  Task& task = tasks_[id];
  task.spec = std::move(spec);
  by_name_.emplace(task.spec->name, id);
  return &task;
}

TaskSpecPtr Roster::change(Task& task, TaskSpecPtr spec) {
  assert(spec->name == task.spec->name);
  auto entry = by_name_.extract(task.spec->name);
  entry.key() = spec->name;  // the old one goes with its definition
  by_name_.insert(std::move(entry));
  return std::exchange(task.spec, std::move(spec));
}

void Roster::remove(TaskKey key) {
  Task* task = find(key);
  if (task == nullptr) return;
  by_name_.erase(task->spec->name);
  *task = Task{};
  task->key = {key.id, key.generation + 1};
  free_.push_back(key.id);
}

Task* Roster::find(TaskKey key) {
  if (key.id >= tasks_.size()) return nullptr;
  Task& task = tasks_[key.id];
  return task.spec != nullptr && task.key == key ? &task : nullptr;
}

const Task* Roster::find(TaskId id) const {
  return id < tasks_.size() && tasks_[id].spec != nullptr ? &tasks_[id] : nullptr;
}

const Task* Roster::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tasks_[found->second];
}

}  // namespace taskrun::engine
