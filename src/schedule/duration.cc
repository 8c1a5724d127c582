// Go's ParseDuration to the letter, with units of our own beside it. A text that is wrong is repaired the way people
// get durations wrong (blanks, "min", a decimal comma, no unit); where the repaired text reads, it becomes the hint.

#include "schedule/duration.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 63;  // of a negative duration; a positive one has one less

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
  bool is_go;
};

constexpr std::array<Unit, 10> kUnits{{{"ns", 1, true},
                                       {"us", 1'000, true},
                                       {"µs", 1'000, true},  // U+00B5, micro sign
                                       {"μs", 1'000, true},  // U+03BC, Greek mu
                                       {"ms", 1'000'000, true},
                                       {"s", kSecond, true},
                                       {"m", kMinute, true},
                                       {"h", kHour, true},
                                       {"d", kDay, false},
                                       {"w", 7 * kDay, false}}};

struct Alias {
  std::string_view written;
  std::string_view meant;
};

constexpr std::array<Alias, 30> kAliases{{
    {"nsec", "ns"},        {"nsecs", "ns"},        {"nanosecond", "ns"},   {"nanoseconds", "ns"}, {"usec", "us"},
    {"usecs", "us"},       {"microsecond", "us"},  {"microseconds", "us"}, {"msec", "ms"},        {"msecs", "ms"},
    {"millisecond", "ms"}, {"milliseconds", "ms"}, {"sec", "s"},           {"secs", "s"},         {"second", "s"},
    {"seconds", "s"},      {"min", "m"},           {"mins", "m"},          {"minute", "m"},       {"minutes", "m"},
    {"hr", "h"},           {"hrs", "h"},           {"hour", "h"},          {"hours", "h"},        {"day", "d"},
    {"days", "d"},         {"week", "w"},          {"weeks", "w"},         {"wk", "w"},           {"wks", "w"},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_numeric(char c) { return is_digit(c) || c == '.'; }

const Unit* find_unit(std::string_view name, DurationUnits units) {
  const auto found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) { return unit.name == name; });
  return found != kUnits.end() && (found->is_go || units == DurationUnits::manifest) ? &*found : nullptr;
}

std::string_view take_while(std::string_view& text, bool (*wanted)(char)) {
  const auto end = std::find_if_not(text.begin(), text.end(), wanted);
  const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(taken.size());
  return taken;
}

// Nothing where it is beyond kLargest.
std::optional<std::uint64_t> whole_number(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (value > kLargest / 10) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > kLargest) return std::nullopt;
  }
  return value;
}

// `unit` times 0.DIGITS: digits that no longer fit are ignored, and the product is a double's, as in Go.
std::uint64_t fraction_of(std::uint64_t unit, std::string_view digits) {
  std::uint64_t value = 0;
  double scale = 1;
  for (const char c : digits) {
    if (value > (kLargest - 1) / 10) break;
    const std::uint64_t next = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (next > kLargest) break;
    value = next;
    scale *= 10;
  }
  return static_cast<std::uint64_t>(static_cast<double>(value) * (static_cast<double>(unit) / scale));
}

// What is wrong, in words; "" where nothing is.
struct Reading {
  Nanos value{};
  std::string problem;
};

Reading wrong(std::string problem) { return {{}, std::move(problem)}; }
Reading too_long() { return wrong("it is longer than 64-bit nanoseconds can hold (292 years)"); }

std::string quoted(std::string_view text) { return '"' + printable(text, 40) + '"'; }

std::string unknown_unit(std::string_view name, DurationUnits units) {
  if (name.find_first_of(" \t") != std::string_view::npos) return "it holds a blank";
  return fmt::format("unknown unit {} (units are ns us ms s m h{})", quoted(name),
                     units == DurationUnits::manifest ? " d w" : "");
}

// Reads one "1.5h" off the front of `text` and adds it to `total`; returns what is wrong.
std::string read_part(std::string_view& text, DurationUnits units, std::uint64_t& total) {
  if (!is_numeric(text[0])) return fmt::format("a number was expected at {}", quoted(text));
  const std::string_view whole = take_while(text, is_digit);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_while(text, is_digit);
  }
  if (whole.empty() && fraction.empty()) return "a point without digits is no number";
  const std::string_view name = take_while(text, [](char c) { return !is_numeric(c); });
  if (name.empty()) return "the unit is missing";
  const Unit* const unit = find_unit(name, units);
  if (unit == nullptr) return unknown_unit(name, units);
  const std::optional<std::uint64_t> count = whole_number(whole);
  if (!count || *count > kLargest / unit->nanoseconds) return too_long().problem;
  const std::uint64_t part = *count * unit->nanoseconds + fraction_of(unit->nanoseconds, fraction);
  if (part > kLargest || total + part > kLargest) return too_long().problem;
  total += part;
  return {};
}

Reading read(std::string_view text, DurationUnits units) {
  if (text.empty()) return wrong("it is empty");
  const bool is_negative = text[0] == '-';
  if (is_negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return wrong("a sign alone is no number");
  if (text == "0") return {};
  std::uint64_t total = 0;
  while (!text.empty()) {
    if (std::string problem = read_part(text, units, total); !problem.empty()) return wrong(std::move(problem));
  }
  if (is_negative) return {Nanos(static_cast<std::int64_t>(0 - total)), {}};
  if (total == kLargest) return too_long();
  return {Nanos(static_cast<std::int64_t>(total)), {}};
}

// The unit that a number without one most likely has: the next smaller of the unit before it.
std::string_view unit_after(std::string_view previous) {
  if (previous == "w") return "d";
  if (previous == "d") return "h";
  if (previous == "h") return "m";
  if (previous == "s") return "ms";
  return "s";
}

std::string_view meant_by(std::string_view unit) {
  const auto found = std::find_if(kAliases.begin(), kAliases.end(), [&](const Alias& a) { return a.written == unit; });
  return found != kAliases.end() ? found->meant : unit;
}

std::string repaired(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == ' ' || c == '\t') continue;
    plain += c == ',' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  std::string out;
  std::string_view previous;
  for (std::string_view rest = plain; !rest.empty();) {
    out += take_while(rest, is_numeric);
    const std::string_view unit = take_while(rest, [](char c) { return !is_numeric(c); });
    previous = unit.empty() ? unit_after(previous) : meant_by(unit);
    out += previous;
  }
  return out;
}

std::string hint_for(std::string_view text, DurationUnits units) {
  if (text.size() <= 40) {
    const std::string better = repaired(text);
    if (read(better, units).problem.empty()) return fmt::format("write \"{}\"", better);
  }
  return units == DurationUnits::manifest ? R"(durations look like "250ms", "10s", "1h30m" or "7d")"
                                          : R"(durations look like "250ms", "10s" or "1h30m")";
}

// "1.5" and "ms" for 1,500,000 and {1'000'000, "ms"}.
void append_part(std::string& out, std::uint64_t nanoseconds, std::uint64_t unit, std::string_view name) {
  out += std::to_string(nanoseconds / unit);
  if (const std::uint64_t rest = nanoseconds % unit; rest != 0) {
    std::string digits = std::to_string(unit + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += '.' + digits;
  }
  out += name;
}

}  // namespace

tl::expected<Nanos, SyntaxError> parse_duration(std::string_view text, DurationUnits units) {
  Reading reading = read(text, units);
  if (reading.problem.empty()) return reading.value;
  return tl::unexpected(
      SyntaxError{fmt::format("{} is not a duration: {}", quoted(text), reading.problem), hint_for(text, units)});
}

std::string format_duration(Nanos duration) {
  if (duration == Nanos::zero()) return "0s";
  std::string out = duration < Nanos::zero() ? "-" : "";
  const auto bits = static_cast<std::uint64_t>(duration.count());
  std::uint64_t rest = duration < Nanos::zero() ? 0 - bits : bits;
  if (rest < kSecond) {
    const auto unit =
        std::find_if(kUnits.rbegin(), kUnits.rend(), [&](const Unit& u) { return u.nanoseconds <= rest; });
    append_part(out, rest, unit->nanoseconds, unit->nanoseconds == 1'000 ? "us" : unit->name);
    return out;
  }
  for (const auto& [unit, name] : {std::pair{kDay, "d"}, std::pair{kHour, "h"}, std::pair{kMinute, "m"}}) {
    if (rest >= unit) append_part(out, rest - rest % unit, unit, name);
    rest %= unit;
  }
  if (rest != 0) append_part(out, rest, kSecond, "s");
  return out;
}

}  // namespace taskrun
