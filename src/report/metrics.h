#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "report/sink.h"

namespace taskrun::report {

/// A task that is there. Its generation tells which holder of its id it is (TaskKey).
struct PresentTask {
  std::string_view name;  ///< valid until a task is added, changed or removed
  std::uint32_t generation = 0;
};

/// What the events do not tell: how things stand while somebody looks. It may be ahead of them: an event comes when
/// what it tells is on disk.
class Present {
 public:
  virtual ~Present() = default;
  /// No task has this id, nor a larger one.
  [[nodiscard]] virtual std::size_t end_id() const = 0;
  /// The one that has the id; nothing where there is none.
  [[nodiscard]] virtual std::optional<PresentTask> task(TaskId id) const = 0;
  /// Runs of a task that have begun and not ended.
  [[nodiscard]] virtual std::size_t running(TaskId id) const = 0;
  [[nodiscard]] virtual std::optional<WallTime> next_run_at(TaskId id) const = 0;
  [[nodiscard]] virtual Nanos loop_lag() const = 0;
};

enum class MetricsFormat { prometheus, openmetrics };

/// Counts and times what happens, for a monitoring system that asks now and then. Every series of a task is there from
/// its first moment, with 0, and goes with it; a task that is changed keeps its own. One of which nothing has been told
/// yet takes four bytes.
///
/// A task is told while it is there and its task_added is the latest that was told of its id: neither one that the
/// events have not come to yet, nor what was counted of an earlier holder of the id.
///
/// The families stand in the order of metric_table.h, the series of each in the order of the tasks' ids.
class Metrics final : public Sink {
 public:
  /// `present` is borrowed. `bounds`: of the buckets of task_duration_seconds, ascending; none: the usual ones.
  explicit Metrics(const Present& present, const std::vector<Nanos>& bounds = {});
  ~Metrics() override;
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void record(const Event& event) override;

  /// The answer to one scrape, in pieces of about limits::kControlChunk, "" after the last: with 10,000 tasks the whole
  /// takes longer than a due time may wait. Each value is told as it is when its piece is made. A task that goes
  /// meanwhile has only those of its series that were told before; one that comes meanwhile has none. It borrows from
  /// this.
  [[nodiscard]] std::function<std::string()> scrape(MetricsFormat format) const;

 private:
  struct Series;
  const Present& present_;
  std::unique_ptr<Series> series_;
};

}  // namespace taskrun::report
