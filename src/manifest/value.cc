#include "manifest/value.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "schedule/duration.h"

namespace taskrun::manifest {
namespace {

std::string_view kind_word(Kind kind) {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::yes:
    case Kind::no: return "a boolean";
    case Kind::integer:
    case Kind::real: return "a number";
    case Kind::string: return "a string";
    case Kind::array: return "an array";
    case Kind::object: return "an object";
  }
  __builtin_unreachable();
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Of text that is an integer but fits no 64 bits: the end of the range that it is beyond.
std::optional<std::int64_t> saturated(std::string_view text) {
  if (const auto value = number_in<std::int64_t>(text)) return value;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return text.starts_with('-') ? INT64_MIN : INT64_MAX;
}

std::string range_text(IntegerRange range) {
  if (range.max == INT64_MAX) return fmt::format("must be at least {}", range.min);
  return fmt::format("must be from {} to {}", range.min, range.max);
}

std::string list_of(std::span<const std::string_view> words) {
  return fmt::format("\"{}\"", fmt::join(words, "\", \""));
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += std::max<std::size_t>(utf8_length(text.substr(at)), 1);
  return at;
}

constexpr std::string_view kString = "a string";
constexpr std::string_view kBooleanWords = "true or false";

}  // namespace

std::string Value::label() const {
  return fmt::format("{}{}\"{}\"", noun_, noun_.empty() ? "" : " ", printable(key_, 70));
}

std::nullopt_t Value::error(std::string message, std::string hint) const {
  source_->mistakes.error(node_->begin, std::move(message), std::move(hint));
  return std::nullopt;
}

void Value::key_error(std::string message, std::string hint) const {
  source_->mistakes.error(key_at_, std::move(message), std::move(hint));
}

// Of a string that is interpolated no byte stands where it is read.
std::size_t Value::place_in_text(std::size_t index) const {
  if (node_->kind != Kind::string || node_->text.find('$') != std::string::npos) return node_->begin;
  return place_in(*node_, source_->text, std::min(index, node_->text.size()));
}

std::nullopt_t Value::error_in_text(std::size_t index, std::string message, std::string hint) const {
  source_->mistakes.error(place_in_text(index), std::move(message), std::move(hint));
  return std::nullopt;
}

void Value::warning_in_text(std::size_t index, std::string message, std::string hint) const {
  source_->mistakes.warning(place_in_text(index), std::move(message), std::move(hint));
}

std::nullopt_t Value::wrong_type(std::string_view expected, std::string hint) const {
  if (hint.empty() && node_->kind == Kind::null) hint = "leave the key out";
  return error(fmt::format("{} must be {}, not {}", label(), expected, kind_word(node_->kind)), std::move(hint));
}

// What a wrong value says may be told only where it stands in the manifest itself.
std::nullopt_t Value::not_given_by(const Expansion& expansion, std::string_view expected, std::string_view problem,
                                   std::string hint) const {
  if (expansion.is_interpolated) {
    return error(
        fmt::format("{} must be {}, which \"{}\" does not give", label(), expected, printable(node_->text, 70)));
  }
  return error(fmt::format("{}: {}", label(), problem), std::move(hint));
}

std::optional<Expansion> Value::expansion(std::string_view expected) const {
  if (node_->kind == Kind::string) {
    return expand(*node_, source_->text, source_->surroundings.variable, source_->mistakes);
  }
  const bool is_unquoted = expected == kString && (node_->kind == Kind::integer || node_->kind == Kind::real);
  return wrong_type(expected, is_unquoted ? "write it in double quotes" : "");
}

std::optional<std::string> Value::text() const {
  std::optional<Expansion> expanded = expansion(kString);
  if (!expanded) return std::nullopt;
  return std::move(expanded->text);
}

std::optional<std::string> Value::verbatim() const {
  if (node_->kind == Kind::string) return node_->text;
  return wrong_type(kString);
}

std::optional<bool> Value::boolean(bool also_text) const {
  if (node_->kind == Kind::yes || node_->kind == Kind::no) return node_->kind == Kind::yes;
  if (node_->kind != Kind::string) return wrong_type(kBooleanWords);
  const std::optional<Expansion> expanded = expansion(kBooleanWords);
  if (!expanded) return std::nullopt;
  if (expanded->is_interpolated || also_text) {
    if (expanded->text == "true" || expanded->text == "1") return true;
    if (expanded->text == "false" || expanded->text == "0") return false;
  }
  if (expanded->is_interpolated) return not_given_by(*expanded, kBooleanWords, "", "");
  if (also_text) return error(fmt::format("{} must be {}", label(), kBooleanWords));
  const bool is_quoted = expanded->text == "true" || expanded->text == "false";
  return wrong_type(kBooleanWords, is_quoted ? "write it without quotes" : "");
}

std::nullopt_t Value::not_an_integer() const {
  constexpr std::string_view kExpected = "an integer";
  if (node_->kind == Kind::real) {
    const std::string_view whole = std::string_view(node_->text).substr(0, node_->text.find('.'));
    const bool is_whole = node_->text.find_first_not_of('0', whole.size() + 1) == std::string::npos;
    return error(fmt::format("{} must be {}, written without a point or an exponent", label(), kExpected),
                 is_whole && whole.size() < node_->text.size() ? fmt::format("write {}", printable(whole, 20)) : "");
  }
  const bool is_quoted = node_->kind == Kind::string && saturated(node_->text);
  return wrong_type(kExpected, is_quoted ? "write it without quotes" : "");
}

std::optional<std::int64_t> Value::integer(IntegerRange range) const {
  std::optional<std::int64_t> value;
  if (node_->kind == Kind::integer) {
    value = saturated(node_->text);
  } else if (node_->kind == Kind::string && node_->text.find('$') != std::string::npos) {
    const std::optional<Expansion> expanded = expansion("an integer");
    if (!expanded) return std::nullopt;
    value = saturated(expanded->text);
    if (!value) return not_given_by(*expanded, "an integer", "it is no integer", "");
  } else {
    return not_an_integer();
  }
  if (*value >= range.min && *value <= range.max) return value;
  return error(fmt::format("{} {}", label(), range_text(range)));
}

std::optional<double> Value::real(RealRange range) const {
  std::string_view written = node_->text;
  std::optional<Expansion> expanded;
  if (node_->kind == Kind::string && node_->text.find('$') != std::string::npos) {
    expanded = expansion("a number");
    if (!expanded) return std::nullopt;
    written = expanded->text;
  } else if (node_->kind != Kind::integer && node_->kind != Kind::real) {
    return wrong_type("a number");
  }
  const std::optional<double> value = number_in<double>(written);
  if (!value && expanded) return not_given_by(*expanded, "a number", "it is no number", "");
  if (value && *value >= range.min && *value <= range.max) return value;
  return error(fmt::format("{} must be from {} to {}", label(), range.min, range.max));
}

std::optional<Nanos> Value::duration(Nanos min) const {
  constexpr std::string_view kExpected = "a duration";
  if (node_->kind == Kind::integer || node_->kind == Kind::real) {
    return wrong_type(kExpected, fmt::format("write \"{}s\"", printable(node_->text, 20)));
  }
  const std::optional<Expansion> expanded = expansion(kExpected);
  if (!expanded) return std::nullopt;
  const auto duration = parse_duration(expanded->text, DurationUnits::manifest);
  if (!duration) {
    return not_given_by(*expanded, kExpected, duration.error().message, duration.error().hint);
  }
  if (*duration >= min && !expanded->text.starts_with('-')) return *duration;
  if (min == Nanos(1)) return error(fmt::format("{} must be longer than zero", label()));
  return error(min == Nanos::zero() ? fmt::format("{} must not be negative", label())
                                    : fmt::format("{} must be at least {}", label(), format_duration(min)));
}

std::optional<std::optional<Nanos>> Value::duration_or_none(Nanos min) const {
  if (node_->kind == Kind::string) {
    const std::optional<Expansion> expanded = expansion("a duration or \"none\"");
    if (!expanded) return std::nullopt;
    if (expanded->text == "none") return std::optional<Nanos>();
  }
  const std::optional<Nanos> limit = duration(min);
  if (!limit) return std::nullopt;
  return limit;
}

std::optional<Bytes> Value::size(Bytes max) const {
  constexpr std::string_view kExpected = "a size";
  std::string written = node_->text;
  if (node_->kind != Kind::integer) {
    std::optional<Expansion> expanded = expansion(kExpected);
    if (!expanded) return std::nullopt;
    const auto size = parse_bytes(expanded->text);
    if (!size) return not_given_by(*expanded, kExpected, size.error().message, size.error().hint);
    written = std::to_string(size->count);
  }
  const auto count = number_in<std::uint64_t>(written);
  if (count && *count <= max.count) return Bytes{*count};
  return error(written.starts_with('-') ? fmt::format("{} must not be negative", label())
                                        : fmt::format("{} must be at most {}", label(), bytes_in_words(max)));
}

std::optional<ParsedCron> Value::cron(Zone zone, DstPolicy dst) const {
  constexpr std::string_view kExpected = "a cron expression";
  const std::optional<Expansion> expanded = expansion(kExpected);
  if (!expanded) return std::nullopt;
  auto parsed = parse_cron(expanded->text, zone, dst);
  if (parsed) return std::move(*parsed);
  const CronSyntaxError& error = parsed.error();
  if (expanded->is_interpolated) return not_given_by(*expanded, kExpected, "", "");
  return error_in_text(byte_of_character(expanded->text, error.column - 1),
                       fmt::format("{}: {}", label(), error.message), error.hint);
}

std::optional<Zone> Value::zone() const {
  constexpr std::string_view kExpected = "a time zone's name";
  const std::optional<Expansion> expanded = expansion(kExpected);
  if (!expanded) return std::nullopt;
  const auto zone = find_zone(expanded->text);
  if (zone) return *zone;
  return not_given_by(*expanded, kExpected, zone.error().message, zone.error().hint);
}

std::optional<WallTime> Value::time() const {
  constexpr std::string_view kExpected = "a time";
  const std::optional<Expansion> expanded = expansion(kExpected);
  if (!expanded) return std::nullopt;
  const auto time = parse_rfc3339(expanded->text);
  if (time) return *time;
  return not_given_by(*expanded, kExpected, time.error().message, time.error().hint);
}

std::optional<std::size_t> Value::word(std::span<const std::string_view> words) const {
  const std::string expected = fmt::format("{}{}", words.size() > 1 ? "one of " : "", list_of(words));
  const std::optional<Expansion> expanded = expansion(expected);
  if (!expanded) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), expanded->text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  if (expanded->is_interpolated) return not_given_by(*expanded, expected, "", "");
  const auto meant = nearest(expanded->text, words);
  return error(fmt::format("{} must be {}", label(), expected),
               meant ? fmt::format("did you mean \"{}\"?", *meant) : "");
}

std::optional<std::string> Value::name() const {
  std::optional<Expansion> expanded = expansion("a name");
  if (!expanded) return std::nullopt;
  if (is_name(expanded->text)) return std::move(expanded->text);
  return not_given_by(*expanded, "a name", fmt::format("\"{}\" is not a name", printable(expanded->text, 70)),
                      std::string(kNameHint));
}

std::optional<std::vector<std::string>> Value::texts() const { return read_all(&Value::text); }
std::optional<std::vector<std::string>> Value::verbatims() const { return read_all(&Value::verbatim); }

std::optional<std::vector<std::string>> Value::read_all(std::optional<std::string> (Value::*read)() const) const {
  if (node_->kind != Kind::array) {
    return wrong_type("an array of strings", node_->kind == Kind::string ? "write it in brackets: [\"…\"]" : "");
  }
  std::vector<std::string> out;
  for (const Value& item : items("an array of strings")) {
    if (std::optional<std::string> text = (item.*read)()) out.push_back(std::move(*text));
  }
  if (out.size() != node_->items.size()) return std::nullopt;
  return out;
}

std::vector<Value> Value::items(std::string_view expected) const {
  if (node_->kind != Kind::array) wrong_type(expected);
  std::vector<Value> out;
  out.reserve(node_->items.size());
  for (const Node& item : node_->items) out.emplace_back(*source_, item, key_, item.begin, "each item of");
  return out;
}

std::vector<Value> Value::members(std::string_view expected, std::string_view noun) const {
  if (node_->kind != Kind::object) wrong_type(expected);
  std::vector<Value> out;
  out.reserve(node_->members.size());
  for (const Member& member : node_->members) out.emplace_back(*source_, member.value, member.key, member.begin, noun);
  return out;
}

}  // namespace taskrun::manifest
