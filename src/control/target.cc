#include "control/target.h"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>

#include "base/text.h"

namespace taskrun::control {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

bool is_plain(char letter) {
  const bool is_word =
      (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
  return is_word || std::string_view("-._~").find(letter) != std::string_view::npos;
}

std::optional<unsigned> digit_of(char letter) {
  if (letter >= 'a' && letter <= 'f') letter = static_cast<char>(letter - 'a' + 'A');
  const auto place = kDigits.find(letter);
  if (place == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(place);
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0 || first < 0x20 || first == 0x7f) return false;
    text.remove_prefix(length);
  }
  return true;
}

// One part between '/', '?', '&' and '='; in a query '+' is a blank.
Result<std::string> decode(std::string_view part, bool is_query) {
  std::string out;
  for (std::size_t at = 0; at < part.size(); ++at) {
    if (part[at] == '+' && is_query) {
      out += ' ';
    } else if (part[at] != '%') {
      out += part[at];
    } else {
      const auto high = at + 2 < part.size() ? digit_of(part[at + 1]) : std::nullopt;
      const auto low = at + 2 < part.size() ? digit_of(part[at + 2]) : std::nullopt;
      if (!high || !low) return fail("'" + printable(part) + "': '%' is followed by two hexadecimal digits");
      out += static_cast<char>(*high * 16 + *low);
      at += 2;
    }
  }
  if (!is_text(out)) return fail("'" + printable(part) + "' is no text");
  return out;
}

template <class Take>
Result<void> for_each_part(std::string_view text, char separator, Take take) {
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (auto taken = take(text.substr(0, end)); !taken) return taken;
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

Result<void> take_parameter(Target& target, std::string_view part) {
  const std::size_t equals = std::min(part.find('='), part.size());
  auto name = decode(part.substr(0, equals), true);
  if (!name) return tl::unexpected(name.error());
  auto value = decode(part.substr(std::min(equals + 1, part.size())), true);
  if (!value) return tl::unexpected(value.error());
  if (target.parameter(*name)) return fail("parameter '" + printable(*name) + "' is given twice");
  target.query.emplace_back(*std::move(name), *std::move(value));
  return {};
}

}  // namespace

std::optional<std::string_view> Target::parameter(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

Result<Target> parse_target(std::string_view text) {
  Target target;
  const std::size_t question = std::min(text.find('?'), text.size());
  const std::string_view path = text.substr(0, question);
  if (!path.starts_with('/')) return fail("a path begins with '/'");
  const auto segments = for_each_part(path.substr(1), '/', [&](std::string_view part) -> Result<void> {
    auto segment = decode(part, false);
    if (!segment) return tl::unexpected(segment.error());
    target.path.push_back(*std::move(segment));
    return {};
  });
  if (!segments) return tl::unexpected(segments.error());
  if (question + 1 >= text.size()) return target;
  const auto parameters = for_each_part(text.substr(question + 1), '&',
                                        [&](std::string_view part) { return take_parameter(target, part); });
  if (!parameters) return tl::unexpected(parameters.error());
  return target;
}

std::optional<AbsoluteTarget> parse_absolute_target(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (!boost::algorithm::istarts_with(text, kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  if (end == 0) return std::nullopt;
  const std::string_view rest = text.substr(end);
  return AbsoluteTarget{text.substr(0, end), (rest.starts_with('/') ? "" : "/") + std::string(rest)};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (is_plain(letter)) {
      out += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    out += '%';
    out += kDigits[byte / 16];
    out += kDigits[byte % 16];
  }
  return out;
}

}  // namespace taskrun::control
