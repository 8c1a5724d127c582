#include "cli/flag_value.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/limits.h"
#include "base/metric_limits.h"
#include "base/text.h"
#include "cli/suggestion.h"
#include "control/host_names.h"
#include "schedule/duration.h"

namespace taskrun::cli {
namespace {

template <class Value>
using Word = std::pair<std::string_view, Value>;

template <class Value>
std::string read_word(std::string_view text, std::span<const Word<Value>> words, Value& value) {
  std::vector<std::string_view> names;
  for (const auto& [name, meaning] : words) {
    if (name == text) return value = meaning, "";
    names.push_back(name);
  }
  return fmt::format("'{}' is not one of {}{}", printable(text, 40), fmt::join(names, ", "), did_you_mean(text, names));
}

std::string read_number(std::string_view text, int most, int& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (is_whole && value >= 1 && value <= most) return "";
  return fmt::format("'{}' is not a number from 1 to {}", printable(text, 40), most);
}

std::string told(const SyntaxError& error) {
  return error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint);
}

// As a bucket has it: of two long ones that are close the number is the same.
double seconds(Nanos duration) { return std::chrono::duration<double>(duration).count(); }

// Of a name that is none. Targets of a scrape configuration have ports, and addresses of version 6 brackets.
std::string mistake_in_host_name(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && text.find_first_not_of("0123456789", colon + 1) == text.npos;
  std::string_view name = has_port ? text.substr(0, colon) : text;
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const std::string mistake = fmt::format("'{}' is not the name of a host", printable(text, 40));
  if (name == text || !control::is_host_name(name)) return mistake + ": letters, digits and . _ -";
  return fmt::format("{} (without the {}: {})", mistake, has_port ? "port" : "brackets", name);
}

}  // namespace

std::string read_value(std::string_view text, std::string& value) {
  value = text;
  return text.empty() ? "the value is empty" : "";
}

std::string read_value(std::string_view text, std::optional<std::string>& value) {
  return read_value(text, value.emplace());
}

std::string read_value(std::string_view text, Name& value) {
  value.text = text;
  if (text.empty()) return "the value is empty";
  if (is_name(text)) return "";
  return fmt::format("'{}' is not a name: letters, digits and . _ - (at most {})", printable(text, 40),
                     limits::kNameLength);
}

std::string read_value(std::string_view, bool& value) {
  value = true;
  return "";
}

std::string read_value(std::string_view text, int& value) { return read_number(text, limits::kMaxParallel, value); }

std::string read_value(std::string_view text, DueCount& value) {
  return read_number(text, limits::kDueTimesShown, value.value);
}

std::string read_value(std::string_view text, SeqNumber& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? "" : fmt::format("'{}' is not the seq of an event line", printable(text, 40));
}

std::string read_value(std::string_view text, std::optional<Instant>& value) {
  const auto time = read_instant(text);
  if (!time) return told(time.error());
  value = *time;
  return "";
}

std::string read_value(std::string_view text, std::optional<Nanos>& value) {
  const auto duration = parse_duration(text, DurationUnits::manifest);
  if (!duration) return told(duration.error());
  if (*duration < Nanos::zero()) return fmt::format("'{}' is negative", printable(text, 40));
  value = *duration;
  return "";
}

std::string read_value(std::string_view text, RowCount& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size() && value.value >= 1;
  return is_whole ? "" : fmt::format("'{}' is not a number from 1 on", printable(text, 40));
}

std::string read_value(std::string_view text, Bytes& value) {
  const auto bytes = parse_bytes(text);
  if (!bytes) return told(bytes.error());
  value = *bytes;
  return "";
}

std::string read_value(std::string_view text, std::optional<sys::TcpAddress>& value) {
  const auto address = sys::parse_tcp_address(text);
  if (!address) return told(address.error());
  value = *address;
  return "";
}

std::string read_value(std::string_view text, BucketBounds& value) {
  value.list.clear();
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const std::string_view word = text.substr(0, comma);
    const auto bound = parse_duration(word, DurationUnits::manifest);
    if (!bound) return told(bound.error());
    const Nanos before = value.list.empty() ? Nanos::zero() : value.list.back();
    if (seconds(*bound) <= seconds(before)) {
      return fmt::format("'{}' is {} {}: bounds ascend", printable(word, 40),
                         *bound <= before ? "not longer than" : "as a number of seconds no other than",
                         format_duration(before));
    }
    if (value.list.size() == limits::kMetricBounds) return fmt::format("more than {} bounds", limits::kMetricBounds);
    value.list.push_back(*bound);
    if (!is_last) text.remove_prefix(comma + 1);
  }
  return "";
}

std::string read_value(std::string_view text, std::vector<std::string>& value) {
  for (;;) {
    const std::size_t comma = text.find(',');
    value.emplace_back(text.substr(0, comma));
    if (value.back().empty()) return "a name is empty";
    if (comma == std::string_view::npos) return "";
    text.remove_prefix(comma + 1);
  }
}

std::string read_value(std::string_view text, HostNameList& value) {
  std::vector<std::string> names;
  if (auto mistake = read_value(text, names); !mistake.empty()) return mistake;
  for (std::string& name : names) {
    if (!control::is_host_name(name)) return mistake_in_host_name(name);
    value.list.push_back(std::move(name));
  }
  return "";
}

std::string read_value(std::string_view text, TypedWords& value) {
  value.list.emplace_back(text);
  return "";
}

std::string read_value(std::string_view text, report::EventFilter& value) {
  static constexpr Word<report::EventFilter> kWords[] = {{"all", report::EventFilter::all},
                                                         {"results", report::EventFilter::results}};
  return read_word<report::EventFilter>(text, kWords, value);
}

std::string read_value(std::string_view text, daemon::OnStdoutClosed& value) {
  static constexpr Word<daemon::OnStdoutClosed> kWords[] = {{"stop", daemon::OnStdoutClosed::stop},
                                                            {"continue", daemon::OnStdoutClosed::keep_on}};
  return read_word<daemon::OnStdoutClosed>(text, kWords, value);
}

std::string read_value(std::string_view text, process::ContainmentChoice& value) {
  static constexpr Word<process::ContainmentChoice> kWords[] = {{"auto", process::ContainmentChoice::automatic},
                                                                {"cgroup", process::ContainmentChoice::cgroup},
                                                                {"subreaper", process::ContainmentChoice::subreaper}};
  return read_word<process::ContainmentChoice>(text, kWords, value);
}

std::string read_value(std::string_view text, report::Durability& value) {
  static constexpr Word<report::Durability> kWords[] = {{"normal", report::Durability::normal},
                                                        {"full", report::Durability::full}};
  return read_word<report::Durability>(text, kWords, value);
}

std::string read_value(std::string_view text, SchemaChoice& value) {
  static constexpr Word<SchemaChoice> kWords[] = {
      {"manifest", SchemaChoice::manifest}, {"event", SchemaChoice::event}, {"control", SchemaChoice::control}};
  return read_word<SchemaChoice>(text, kWords, value);
}

std::string read_value(std::string_view text, Shell& value) {
  static constexpr Word<Shell> kWords[] = {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
  return read_word<Shell>(text, kWords, value);
}

}  // namespace taskrun::cli
