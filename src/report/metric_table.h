#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "report/metric_series.h"
#include "report/metrics.h"
#include "report/metrics_text.h"
#include "sys/own_resources.h"

/// What can be scraped: one table. docs/metrics.md is checked against it.
namespace taskrun::report {

/// What a family of the runner is made from.
struct RunnerSample {
  const RunnerSeries& series;
  const Present& present;
  sys::OwnResources own;
};

/// What a family of each task is made from.
struct TaskSample {
  TaskId id = 0;
  std::string_view task;
  const TaskSeries& series;
  const Present& present;
};

struct Metric {
  MetricHead head;
  std::string_view labels;  ///< for people; "" for none
  // One of the two is there.
  void (*of_runner)(const RunnerSample& sample, MetricsText& text);
  void (*of_task)(const TaskSample& sample, MetricsText& text);
};

/// In the order in which they are told. Views into static storage.
[[nodiscard]] std::span<const Metric> metrics();

/// The table of docs/metrics.md.
[[nodiscard]] std::string metrics_reference();

}  // namespace taskrun::report
