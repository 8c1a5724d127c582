#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

#include "model/event.h"

/// The keys of the event lines: one table, in the order in which they stand in a line. The schema and the tables of
/// docs/events.md are made from it; a test holds the codec to it.
namespace taskrun::report {

/// A set of events: bit i stands for the i-th alternative of Fact.
using EventSet = std::uint32_t;

inline constexpr std::size_t kEventCount = std::variant_size_v<Fact>;

template <class Wanted, std::size_t I = 0>
consteval std::size_t event_index() {
  if constexpr (std::is_same_v<Wanted, std::variant_alternative_t<I, Fact>>) {
    return I;
  } else {
    return event_index<Wanted, I + 1>();
  }
}

template <class... Facts>
inline constexpr EventSet kEvents = (EventSet{0} | ... | (EventSet{1} << event_index<Facts>()));

inline constexpr EventSet kAllEvents = (EventSet{1} << kEventCount) - 1;

/// What stands behind a key.
enum class KeyForm {
  time,          ///< RFC 3339, UTC, six decimals
  time_or_null,  ///< likewise
  text,
  text_or_null,
  word,  ///< one of `words`
  run_id,
  count,     ///< whole, from 0
  positive,  ///< whole, from 1
  exit_code,
  milliseconds,  ///< with three decimals, from 0
  milliseconds_or_null,
  signed_milliseconds,
  flag,
  object,   ///< any
  numbers,  ///< whole, from 1
  diagnostics,
  tally,  ///< an object of counts, one for each of `words`
};

struct EventKey {
  std::string_view name;
  KeyForm form;
  EventSet always;     ///< events that always have it
  EventSet sometimes;  ///< events that may have it
  std::string_view meaning;
  std::string_view words = "";  ///< separated by '|'
};

/// Every key, in the order of a line. Views into static storage.
[[nodiscard]] std::span<const EventKey> event_keys();

/// Every event's name, in the order of Fact.
[[nodiscard]] std::span<const std::string_view> event_names();

}  // namespace taskrun::report
