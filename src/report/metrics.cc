#include "report/metrics.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "report/metric_series.h"
#include "report/metric_table.h"

namespace taskrun::report {
namespace {

double seconds(Nanos duration) { return std::chrono::duration<double>(duration).count(); }
double seconds(WallTime time) { return seconds(time.time_since_epoch()); }

template <class Value, std::size_t N>
std::size_t place_of(const std::array<Value, N>& values, Value wanted) {
  return static_cast<std::size_t>(std::ranges::find(values, wanted) - values.begin());
}

bool is_error(Outcome outcome) {
  return outcome == Outcome::failure || outcome == Outcome::timeout || outcome == Outcome::error;
}

// What an attempt, or a hook, has left behind.
void count(TaskSeries& series, const AttemptReport& report) {
  series.leftovers_killed.Increment(static_cast<double>(report.leftovers_killed));
  series.truncated_bytes.Increment(static_cast<double>(report.truncated_bytes));
}

void count(TaskSeries& series, WallTime now, const RunFinished& finished) {
  count(series, finished.report);
  // One that could not start has no run_started, and was an attempt all the same.
  if (finished.run.attempt > 1 && finished.report.start_failure) series.retries.Increment();
  if (!finished.is_final) return;
  // One that died with its runner ended nobody knows when.
  const bool has_died = finished.report.pid == 0 && !finished.report.start_failure;
  series.duration.Observe(has_died ? 0 : seconds(finished.duration));
  series.runs[place_of(kOutcomes, finished.outcome)].Increment();
  if (is_error(finished.outcome)) series.errors.Increment();
  if (finished.outcome == Outcome::success) series.last_success.Set(seconds(now));
  series.last_run.Set(seconds(now));
}

Bounds to_bounds(const std::vector<Nanos>& durations) {
  if (durations.empty()) return {kDurationBuckets.begin(), kDurationBuckets.end()};
  Bounds bounds(durations.size());
  std::ranges::transform(durations, bounds.begin(), [](Nanos bound) { return seconds(bound); });
  return bounds;
}

/// The tasks whose task_added was told and whose task_removed was not, and what was counted of them since. What is
/// counted of any other, of one that died with an earlier runner for example, is nobody's.
class ToldTasks {
 public:
  explicit ToldTasks(const Bounds& bounds) : bounds_(bounds), untouched_(bounds) {}

  void add(TaskKey task) {
    series_.erase(task.id);
    if (task.id >= generations_.size()) generations_.resize(task.id + std::size_t{1}, kNone);
    generations_[task.id] = task.generation;
  }
  void remove(TaskKey task) {
    if (!has(task)) return;
    series_.erase(task.id);
    generations_[task.id] = kNone;
  }
  [[nodiscard]] bool has(TaskKey task) const {
    return task.id < generations_.size() && generations_[task.id] == task.generation;
  }
  /// To count in; null where it is none of these.
  TaskSeries* find(TaskKey task) { return has(task) ? &series_.try_emplace(task.id, bounds_).first->second : nullptr; }
  /// Of one of these.
  [[nodiscard]] const TaskSeries& series_of(TaskId task) const {
    const auto found = series_.find(task);
    return found != series_.end() ? found->second : untouched_;
  }

 private:
  static constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();  // no id has had so many holders

  const Bounds bounds_;
  std::vector<std::uint32_t> generations_;         // by id
  std::unordered_map<TaskId, TaskSeries> series_;  // of those of which something has been counted
  const TaskSeries untouched_;                     // of all others
};

/// One scrape: which series comes next.
class Scrape {
 public:
  Scrape(const RunnerSeries& runner, const ToldTasks& tasks, const Present& present, MetricsFormat format)
      : runner_{runner, present, sys::read_own_resources()}, tasks_(tasks), text_(format) {}

  std::string next() {
    while (metric_ < metrics().size() && text_.size() < limits::kControlChunk) go_on(metrics()[metric_]);
    if (metric_ == metrics().size() && !std::exchange(has_ended_, true)) text_.end();
    return text_.take();
  }

  /// A task has come. It is not told: it may have the name of one that was.
  void leave_out(TaskId task) { newcomers_.insert(task); }

 private:
  void go_on(const Metric& metric) {
    if (!std::exchange(has_begun_, true)) text_.begin(metric.head);
    if (metric.of_runner != nullptr) metric.of_runner(runner_, text_);
    if (metric.of_task != nullptr && !tell_tasks(metric)) return;
    ++metric_;
    has_begun_ = false;
    task_ = 0;
  }

  // False where the piece is full before the last.
  bool tell_tasks(const Metric& metric) {
    const std::size_t end = runner_.present.end_id();
    for (; task_ < end && text_.size() < limits::kControlChunk; ++task_) {
      const auto task = runner_.present.task(task_);
      if (!task || !tasks_.has({task_, task->generation}) || newcomers_.contains(task_)) continue;
      metric.of_task({task_, task->name, tasks_.series_of(task_), runner_.present}, text_);
    }
    return task_ >= end;
  }

  RunnerSample runner_;
  const ToldTasks& tasks_;
  MetricsText text_;
  std::size_t metric_ = 0;
  TaskId task_ = 0;         // the next one to be told of it
  bool has_begun_ = false;  // its head is told
  bool has_ended_ = false;
  std::unordered_set<TaskId> newcomers_;
};

}  // namespace

struct Metrics::Series {
  explicit Series(const Bounds& duration_bounds) : tasks(duration_bounds) {}

  RunnerSeries runner;
  ToldTasks tasks;
  std::vector<std::weak_ptr<Scrape>> scrapes;  // that may be under way

  void on(WallTime now, const RunnerStarted&) { reloaded(now); }
  void on(WallTime now, const ManifestReloaded&) { reloaded(now); }
  void on(WallTime, const ManifestRejected&) { runner.reload_succeeded.Set(0); }
  void on(WallTime, const TaskAdded& added) {
    tasks.add(added.task.key());
    for (const auto& weak : scrapes) {
      if (const auto scrape = weak.lock()) scrape->leave_out(added.task.id);
    }
  }
  void on(WallTime, const TaskRemoved& removed) { tasks.remove(removed.task.key()); }
  void on(WallTime, const RunStarted& started) {
    runner.lateness.Observe(seconds(started.lateness));
    auto* task = started.run.attempt > 1 ? tasks.find(started.run.task.key()) : nullptr;
    if (task != nullptr) task->retries.Increment();
  }
  void on(WallTime now, const RunFinished& finished) {
    if (auto* task = tasks.find(finished.run.task.key())) count(*task, now, finished);
  }
  void on(WallTime, const RunSkipped& skipped) {
    const std::size_t reason = place_of(kSkipReasons, skipped.reason);
    if (auto* task = tasks.find(skipped.run.task.key())) {
      task->skipped[reason].Increment(static_cast<double>(skipped.count));
    }
  }
  void on(WallTime, const HookFinished& finished) {
    if (auto* task = tasks.find(finished.task.key())) count(*task, finished.report);
  }
  void on(WallTime, const HistoryDegraded&) { runner.history_degraded.Set(1); }
  void on(WallTime, const HistoryRestored&) { runner.history_degraded.Set(0); }
  template <class Other>
  void on(WallTime, const Other&) {}

  void reloaded(WallTime now) {
    runner.reload_succeeded.Set(1);
    runner.reload_succeeded_at.Set(seconds(now));
  }
};

Metrics::Metrics(const Present& present, const std::vector<Nanos>& bounds)
    : present_(present), series_(std::make_unique<Series>(to_bounds(bounds))) {}
Metrics::~Metrics() = default;

void Metrics::record(const Event& event) {
  std::visit([&](const auto& fact) { series_->on(event.time, fact); }, event.fact);
}

std::function<std::string()> Metrics::scrape(MetricsFormat format) const {
  std::erase_if(series_->scrapes, [](const auto& scrape) { return scrape.expired(); });
  auto scrape = std::make_shared<Scrape>(series_->runner, series_->tasks, present_, format);
  series_->scrapes.push_back(scrape);
  return [scrape] { return scrape->next(); };
}

}  // namespace taskrun::report
