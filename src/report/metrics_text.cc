#include "report/metrics_text.h"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace taskrun::report {
namespace {

constexpr std::string_view kTotal = "_total";

void append_escaped(std::string& out, std::string_view value) {
  for (const char letter : value) {
    if (letter == '\\' || letter == '"') out += '\\';
    if (letter == '\n') {
      out += "\\n";
    } else {
      out += letter;
    }
  }
}

std::string joined(MetricLabels labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    append_escaped(out, value);
    out += '"';
  }
  return out;
}

std::string bound_text(double bound, MetricsFormat format) {
  if (std::isinf(bound)) return "+Inf";
  std::string text = fmt::format("{}", bound);
  const bool is_float = text.find_first_of(".e") != std::string::npos;
  if (format == MetricsFormat::openmetrics && !is_float) text += ".0";
  return text;
}

}  // namespace

std::string_view to_word(MetricType value) {
  switch (value) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
  }
  __builtin_unreachable();
}

void MetricsText::begin(const MetricHead& head) {
  name_ = head.name;
  std::string_view family = head.name;
  if (format_ == MetricsFormat::openmetrics && head.type == MetricType::counter) family.remove_suffix(kTotal.size());
  fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", family, head.help, to_word(head.type));
}

void MetricsText::sample(std::string_view suffix, std::string_view labels, double value) {
  text_.append(name_).append(suffix);
  if (!labels.empty()) text_.append("{").append(labels).append("}");
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void MetricsText::value(MetricLabels labels, double value) { sample("", joined(labels), value); }

void MetricsText::histogram(MetricLabels labels, const prometheus::ClientMetric::Histogram& histogram) {
  const std::string plain = joined(labels);
  for (const auto& bucket : histogram.bucket) {
    const std::string bound = bound_text(bucket.upper_bound, format_);
    const auto with_bound = fmt::format("{}{}le=\"{}\"", plain, plain.empty() ? "" : ",", bound);
    sample("_bucket", with_bound, static_cast<double>(bucket.cumulative_count));
  }
  sample("_sum", plain, histogram.sample_sum);
  sample("_count", plain, static_cast<double>(histogram.sample_count));
}

void MetricsText::end() {
  if (format_ == MetricsFormat::openmetrics) text_ += "# EOF\n";
}

}  // namespace taskrun::report
