#include "report/metrics.h"

#include <algorithm>
#include <chrono>
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
  if (!finished.is_final) return series.retries.Increment();
  series.duration.Observe(seconds(finished.duration));
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

// Of tasks of which something has been told.
using SeriesById = std::unordered_map<TaskId, TaskSeries>;

/// One scrape: which series comes next.
class Scrape {
 public:
  Scrape(const RunnerSeries& runner, const SeriesById& tasks, const TaskSeries& untouched, const Present& present,
         MetricsFormat format)
      : runner_{runner, present, sys::read_own_resources()}, tasks_(tasks), untouched_(untouched), text_(format) {}

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
      const auto name = runner_.present.name(task_);
      if (name && !newcomers_.contains(task_)) metric.of_task({task_, *name, series_of(task_), runner_.present}, text_);
    }
    return task_ >= end;
  }

  [[nodiscard]] const TaskSeries& series_of(TaskId task) const {
    const auto found = tasks_.find(task);
    return found != tasks_.end() ? found->second : untouched_;
  }

  RunnerSample runner_;
  const SeriesById& tasks_;
  const TaskSeries& untouched_;  // of each task of which nothing has been told
  MetricsText text_;
  std::size_t metric_ = 0;
  TaskId task_ = 0;         // the next one to be told of it
  bool has_begun_ = false;  // its head is told
  bool has_ended_ = false;
  std::unordered_set<TaskId> newcomers_;
};

}  // namespace

struct Metrics::Series {
  explicit Series(Bounds duration_bounds) : bounds(std::move(duration_bounds)) {}

  const Bounds bounds;
  RunnerSeries runner;
  SeriesById tasks;
  const TaskSeries untouched{bounds};
  std::vector<std::weak_ptr<Scrape>> scrapes;  // that may be under way

  void on(WallTime now, const RunnerStarted&) { reloaded(now); }
  void on(WallTime now, const ManifestReloaded&) { reloaded(now); }
  void on(WallTime, const ManifestRejected&) { runner.reload_succeeded.Set(0); }
  void on(WallTime, const TaskAdded& added) {
    tasks.erase(added.task.id);  // of a task that was never there: its run had died with the runner before
    for (const auto& weak : scrapes) {
      if (const auto scrape = weak.lock()) scrape->leave_out(added.task.id);
    }
  }
  void on(WallTime, const TaskRemoved& removed) { tasks.erase(removed.task.id); }
  void on(WallTime, const RunStarted& started) { runner.lateness.Observe(seconds(started.lateness)); }
  void on(WallTime now, const RunFinished& finished) { count(of(finished.run.task), now, finished); }
  void on(WallTime, const RunSkipped& skipped) {
    const std::size_t reason = place_of(kSkipReasons, skipped.reason);
    of(skipped.run.task).skipped[reason].Increment(static_cast<double>(skipped.count));
  }
  void on(WallTime, const HookFinished& finished) { count(of(finished.task), finished.report); }
  void on(WallTime, const HistoryDegraded&) { runner.history_degraded.Set(1); }
  void on(WallTime, const HistoryRestored&) { runner.history_degraded.Set(0); }
  template <class Other>
  void on(WallTime, const Other&) {}

  TaskSeries& of(const TaskRef& task) { return tasks.try_emplace(task.id, bounds).first->second; }

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
  auto scrape = std::make_shared<Scrape>(series_->runner, series_->tasks, series_->untouched, present_, format);
  series_->scrapes.push_back(scrape);
  return [scrape] { return scrape->next(); };
}

}  // namespace taskrun::report
