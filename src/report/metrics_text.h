#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <prometheus/client_metric.h>

#include "report/metrics.h"

namespace taskrun::report {

enum class MetricType { counter, gauge, histogram };
[[nodiscard]] std::string_view to_word(MetricType value);

struct MetricHead {
  std::string_view name;  ///< of a counter: with _total
  MetricType type = MetricType::gauge;
  std::string_view help;  ///< plain text: no backslash, quote or newline
};

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Writes families of series, in the text format of Prometheus (0.0.4) or as OpenMetrics (1.0). They differ in the name
/// of a counter's family, in how the bounds of a histogram are spelled, and in the end.
class MetricsText {
 public:
  explicit MetricsText(MetricsFormat format) : format_(format) {}

  /// What follows belongs to this family. `head` is borrowed.
  void begin(const MetricHead& head);
  void value(MetricLabels labels, double value);
  void histogram(MetricLabels labels, const prometheus::ClientMetric::Histogram& histogram);
  /// After the last family.
  void end();

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  /// What has been written since the last call.
  [[nodiscard]] std::string take() { return std::exchange(text_, ""); }

 private:
  void sample(std::string_view suffix, std::string_view labels, double value);

  MetricsFormat format_;
  std::string name_;
  std::string text_;
};

}  // namespace taskrun::report
