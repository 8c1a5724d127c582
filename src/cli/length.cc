#include "cli/length.h"

#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "cli/waiting.h"

namespace taskrun::cli {
namespace {

using namespace std::chrono_literals;

// "in 3 min" without its "in".
std::string in_two_units(Nanos length) { return in_words(length).substr(std::string_view("in ").size()); }

}  // namespace

std::string length_of(Nanos length) {
  if (length < 1ms) return "<1 ms";
  if (length < 1s) return fmt::format("{} ms", length / 1ms);
  if (length < 1min) return fmt::format("{:.1f} s", static_cast<double>(length / 100ms) / 10);
  return in_two_units(length);
}

std::string age_of(WallTime begin, WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now - begin);
  return seconds < 1s ? "0 s" : in_two_units(seconds);
}

}  // namespace taskrun::cli
