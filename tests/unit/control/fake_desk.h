#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "control/desk.h"

namespace taskrun::control {

/// A runner of a few made-up tasks that notes what it is asked for.
class FakeDesk : public Desk {
 public:
  std::map<TaskId, TaskState> present;
  std::vector<std::string> asked;
  int pages = 0;  // of the list of tasks
  std::vector<std::string> metrics_pieces{"x 1\n"};
  std::optional<Refused> refusal;  ///< of whatever is asked next
  RunnerState state;

  TaskId put(const std::string& name) {
    const TaskId id = static_cast<TaskId>(present.size());
    TaskState task;
    task.name = name;
    task.id = id;
    task.schedule = "every 10s";
    task.overlap = "skip";
    task.state = "idle";
    present[id] = task;
    return id;
  }

  RunnerState runner() override { return state; }
  TaskPage tasks(TaskId from, std::size_t ids) override {
    ++pages;
    TaskPage page;
    for (auto task = present.lower_bound(from); task != present.end(); ++task) {
      if (task->first - from >= ids) {
        page.next = from + static_cast<TaskId>(ids);
        break;
      }
      page.tasks.push_back(task->second);
    }
    return page;
  }
  std::optional<TaskKey> find(std::string_view name) override {
    for (const auto& [id, task] : present) {
      if (task.name == name) return TaskKey{id, 1};
    }
    return std::nullopt;
  }
  std::optional<TaskKey> find(TaskId id) override {
    return present.contains(id) ? std::optional(TaskKey{id, 1}) : std::nullopt;
  }
  std::optional<TaskState> task(TaskKey key) override {
    return present.contains(key.id) ? std::optional(present[key.id]) : std::nullopt;
  }
  std::function<std::string()> metrics(MetricsFormat format) override {
    asked.push_back(format == MetricsFormat::openmetrics ? "metrics, OpenMetrics" : "metrics");
    return [this, piece = std::size_t{0}]() mutable {
      return piece < metrics_pieces.size() ? metrics_pieces[piece++] : std::string();
    };
  }
  void add(const NewTask& task, Answer<TaskKey> answer) override {
    if (refuses("add " + task.name + " " + task.definition + (task.is_persisted ? " to stay" : ""), answer)) return;
    answer(TaskKey{put(task.name), 1});
  }
  void remove(TaskKey task, bool stop, Answer<Done> answer) override {
    if (refuses("remove " + std::to_string(task.id) + (stop ? " now" : ""), answer)) return;
    present.erase(task.id);
    answer(Done{});
  }
  void pause(TaskKey task, Answer<Done> answer) override { change("pause", task, true, answer); }
  void resume(TaskKey task, Answer<Done> answer) override { change("resume", task, false, answer); }
  void trigger(TaskKey task, Variables env, Answer<RunId> answer) override {
    std::string said = "trigger " + std::to_string(task.id);
    for (const auto& [name, value] : env) said += ' ' + name + '=' + value;
    if (!refuses(said, answer)) answer(RunId{});
  }
  void cancel(RunId run, Answer<Done> answer) override {
    if (!refuses("cancel " + run.text(), answer)) answer(Done{});
  }
  void reload(Answer<Reloaded> answer) override {
    if (!refuses("reload", answer)) answer(Reloaded{1, 2, 3, 4});
  }
  void stop(bool now, Answer<Done> answer) override {
    if (!refuses(now ? "stop now" : "stop", answer)) answer(Done{});
  }

 private:
  template <class T>
  bool refuses(const std::string& what, const Answer<T>& answer) {
    asked.push_back(what);
    if (!refusal) return false;
    answer(tl::unexpected(*std::exchange(refusal, std::nullopt)));
    return true;
  }
  void change(const std::string& what, TaskKey task, bool is_paused, const Answer<Done>& answer) {
    if (refuses(what + " " + std::to_string(task.id), answer)) return;
    present[task.id].is_paused = is_paused;
    answer(Done{});
  }
};

}  // namespace taskrun::control
