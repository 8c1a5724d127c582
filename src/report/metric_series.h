#pragma once

#include <array>
#include <cstddef>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "model/outcome.h"

/// What is counted, of one task and of the runner.
namespace taskrun::report {

inline constexpr std::array kOutcomes{Outcome::success, Outcome::failure, Outcome::timeout, Outcome::error,
                                      Outcome::cancelled};
inline constexpr std::array kSkipReasons{SkipReason::overlap, SkipReason::paused, SkipReason::pool,
                                         SkipReason::missed,  SkipReason::late,   SkipReason::disabled,
                                         SkipReason::stopping};

/// Upper bounds in seconds: from what a small program takes to an hour.
inline constexpr std::array kDurationBuckets{.005, .01, .025, .05, .1,   .25,  .5,   1.,
                                             2.5,  5.,  15.,  60., 300., 900., 3600.};
/// From what starting takes to where a due time has been missed (limits::kMissedAfter).
inline constexpr std::array kLatenessBuckets{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1., 2.5, 5., 15., 60.};

using Bounds = prometheus::Histogram::BucketBoundaries;

struct TaskSeries {
  explicit TaskSeries(const Bounds& bounds) : duration(bounds) {}

  prometheus::Histogram duration;
  prometheus::Counter errors;
  std::array<prometheus::Counter, kOutcomes.size()> runs;        // as kOutcomes
  std::array<prometheus::Counter, kSkipReasons.size()> skipped;  // as kSkipReasons
  prometheus::Counter retries;
  prometheus::Counter leftovers_killed;
  prometheus::Counter truncated_bytes;
  prometheus::Gauge last_success;
  prometheus::Gauge last_run;
};

struct RunnerSeries {
  prometheus::Histogram lateness{Bounds(kLatenessBuckets.begin(), kLatenessBuckets.end())};
  prometheus::Gauge reload_succeeded;
  prometheus::Gauge reload_succeeded_at;
  prometheus::Gauge history_degraded;
};

}  // namespace taskrun::report
