#include "control/metrics_format.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>

namespace taskrun::control {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// What stands before the separator; that and the separator are removed.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return trimmed(part);
}

// Of one entry without its type: 1 where no quality is told, 0 where it is no number.
double quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = take_until(parameters, ';');
    if (!boost::algorithm::istarts_with(parameter, "q=")) continue;
    parameter.remove_prefix(2);
    double quality = 0;
    std::from_chars(parameter.data(), parameter.data() + parameter.size(), quality);
    return quality;
  }
  return 1;
}

// The best quality of the entries for exactly this type; 0 where there is none.
double quality_for(std::string_view type, std::string_view accept) {
  double best = 0;
  while (!accept.empty()) {
    std::string_view entry = take_until(accept, ',');
    if (boost::algorithm::iequals(take_until(entry, ';'), type)) best = std::max(best, quality_of(entry));
  }
  return best;
}

}  // namespace

std::string_view to_content_type(MetricsFormat format) {
  switch (format) {
    case MetricsFormat::prometheus: return "text/plain; version=0.0.4; charset=utf-8";
    case MetricsFormat::openmetrics: return "application/openmetrics-text; version=1.0.0; charset=utf-8";
  }
  __builtin_unreachable();
}

bool prefers_openmetrics(std::string_view accept) {
  const double wanted = quality_for("application/openmetrics-text", accept);
  return wanted > 0 && wanted >= quality_for("text/plain", accept);
}

}  // namespace taskrun::control
