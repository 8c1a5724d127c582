#include "cli/waiting.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace taskrun::cli {
namespace {

using namespace std::chrono_literals;

struct Unit {
  Nanos length;
  std::string_view name;
};
constexpr std::array<Unit, 5> kUnits{{{24h, "d"}, {1h, "h"}, {1min, "min"}, {1s, "s"}, {1ms, "ms"}}};

constexpr std::chrono::seconds kFar = 24h * 366 * 200;  // beyond it nanoseconds do not suffice

std::string amount(Nanos length) {
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const auto& [unit, name] = kUnits[i];
    if (length < unit) continue;
    const std::string whole = fmt::format("{} {}", length / unit, name);
    const Nanos rest = length % unit;
    if (unit <= 1s || rest < kUnits[i + 1].length) return whole;
    return fmt::format("{} {} {}", whole, rest / kUnits[i + 1].length, kUnits[i + 1].name);
  }
  return fmt::format("{} ns", length.count());
}

}  // namespace

std::string in_words(Nanos wait) {
  if (wait == Nanos::zero()) return "now";
  return wait > Nanos::zero() ? "in " + amount(wait) : amount(-wait) + " ago";
}

std::string coming_in(Nanos wait) {
  return in_words(wait < 1s ? wait : Nanos(std::chrono::round<std::chrono::seconds>(wait)));
}

std::string in_words(const Instant& from, const Instant& to) {
  const std::chrono::seconds seconds = to.second - from.second;
  if (seconds < kFar && seconds > -kFar) return in_words(Nanos(seconds) + to.fraction - from.fraction);
  const auto days = seconds / std::chrono::seconds(24h);
  return days > 0 ? fmt::format("in {} d", days) : fmt::format("{} d ago", -days);
}

}  // namespace taskrun::cli
