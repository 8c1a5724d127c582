#include "base/bytes.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array<Unit, 11> kUnits{{{"", 1},
                                       {"B", 1},
                                       {"KiB", std::uint64_t{1} << 10},
                                       {"MiB", std::uint64_t{1} << 20},
                                       {"GiB", std::uint64_t{1} << 30},
                                       {"TiB", std::uint64_t{1} << 40},
                                       {"kB", 1'000},
                                       {"KB", 1'000},
                                       {"MB", 1'000'000},
                                       {"GB", 1'000'000'000},
                                       {"TB", 1'000'000'000'000}}};

// The spellings of "KiB" and "kB" in other programs; a bare letter is most often the binary unit.
std::string meant_by(std::string_view unit) {
  std::string plain;
  for (const char c : unit) {
    if (c != ' ') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (plain.empty() || plain == "b" || plain == "byte" || plain == "bytes") return "";
  const char letter = static_cast<char>(plain[0] - 'a' + 'A');
  if (plain.size() == 2 && plain[1] == 'b') return (letter == 'K' ? 'k' : letter) + std::string("B");
  return letter + std::string("iB");
}

struct Reading {
  Bytes value{};
  std::string problem;  // "" where nothing is wrong
};

Reading read(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc::invalid_argument) return {{}, text.empty() ? "it is empty" : "it begins with no number"};
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
  if (name.starts_with('.') || name.starts_with(',')) return {{}, "the number must be whole"};
  if (unit == kUnits.end()) return {{}, fmt::format("unknown unit \"{}\"", printable(name, 40))};
  if (error != std::errc() || count > UINT64_MAX / unit->bytes) return {{}, "it is more than 64 bits can hold"};
  return {Bytes{count * unit->bytes}, {}};
}

std::string hint_for(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string better = std::string(text.substr(0, digits)) + meant_by(text.substr(digits));
  if (read(better).problem.empty()) return fmt::format("write \"{}\"", better);
  return R"(sizes look like "4096", "64KiB" or "10MB")";
}

}  // namespace

tl::expected<Bytes, SyntaxError> parse_bytes(std::string_view text) {
  Reading reading = read(text);
  if (reading.problem.empty()) return reading.value;
  return tl::unexpected(
      SyntaxError{fmt::format("\"{}\" is not a size: {}", printable(text, 40), reading.problem), hint_for(text)});
}

std::string bytes_in_words(Bytes bytes) {
  const std::string text = format_bytes(bytes);
  const bool has_unit = text.find_first_not_of("0123456789") != std::string::npos;
  return has_unit ? text : text + (bytes.count == 1 ? " byte" : " bytes");
}

std::string format_bytes(Bytes bytes) {
  std::uint64_t count = bytes.count;
  std::size_t unit = 1;
  while (count != 0 && count % 1024 == 0 && unit < 5) {
    count /= 1024;
    ++unit;
  }
  return std::to_string(count) + (unit == 1 ? "" : std::string(kUnits.at(unit).name));
}

}  // namespace taskrun
