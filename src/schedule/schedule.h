#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "schedule/cron.h"
#include "schedule/every.h"

namespace taskrun {

/// No schedule: runs only when asked.
struct OnRequest {
  friend bool operator==(const OnRequest&, const OnRequest&) = default;
};

/// Fixed delay: due this long after the task was added, then this long after its last run ended.
struct Delay {
  Nanos wait{};  ///< at least limits::kShortestPeriod
  friend bool operator==(const Delay&, const Delay&) = default;
};

/// Due whenever one of the expressions is; once where several are at the same instant. A copy shares them.
class Cron {
 public:
  explicit Cron(CronExpression expression);
  /// At least one.
  explicit Cron(std::vector<CronExpression> expressions);
  [[nodiscard]] const std::vector<CronExpression>& expressions() const { return *expressions_; }
  friend bool operator==(const Cron& a, const Cron& b) { return *a.expressions_ == *b.expressions_; }

 private:
  std::shared_ptr<const std::vector<CronExpression>> expressions_;  // never null, not empty
};

/// One-off times. A copy shares them.
class At {
 public:
  /// In any order; each counts once.
  explicit At(std::vector<WallTime> times);
  /// Ascending.
  [[nodiscard]] const std::vector<WallTime>& times() const { return *times_; }
  friend bool operator==(const At& a, const At& b) { return *a.times_ == *b.times_; }

 private:
  std::shared_ptr<const std::vector<WallTime>> times_;  // never null
};

/// When a task is due: Every and Delay in elapsed time, Cron and At by the wall clock.
using Schedule = std::variant<OnRequest, Every, Delay, Cron, At>;

/// Due times by the wall clock in (after, until]; first and last mean nothing where count is 0.
struct WallDueTimes {
  WallTime first{};
  WallTime last{};
  std::int64_t count = 0;
  friend bool operator==(const WallDueTimes&, const WallDueTimes&) = default;
};

/// First due time strictly after `after`; nothing where there is none.
[[nodiscard]] std::optional<WallTime> next_due(const Cron& cron, WallTime after);
[[nodiscard]] std::optional<WallTime> next_due(const At& at, WallTime after);

/// Counted by the day, not by the due time: a year of every second costs microseconds. Only expressions of different
/// zones in one Cron are counted one by one.
[[nodiscard]] WallDueTimes due_between(const Cron& cron, WallTime after, WallTime until);
[[nodiscard]] WallDueTimes due_between(const At& at, WallTime after, WallTime until);

/// The last `n` due times of (after, until], or all where they are fewer; oldest first.
[[nodiscard]] std::vector<WallTime> latest_due(const Cron& cron, WallTime after, WallTime until, std::size_t n);
[[nodiscard]] std::vector<WallTime> latest_due(const At& at, WallTime after, WallTime until, std::size_t n);

}  // namespace taskrun
