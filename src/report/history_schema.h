#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/outcome.h"

/// The tables of the history and the numbers in them, which never change their meaning; docs/history.md tells both.
namespace taskrun::report {

/// What marks a SQLite file as a history: its application_id, "tskr".
inline constexpr std::int64_t kHistoryMark = 0x74736b72;

/// The n-th makes version n + 1 of version n. What has been released stays as it is: a change is one more step.
[[nodiscard]] std::span<const char* const> history_migrations();

// The n-th value is the number n on disk.
inline constexpr std::array kOutcomeNumbers{Outcome::success, Outcome::failure, Outcome::timeout, Outcome::error,
                                            Outcome::cancelled};
/// Numbers of `kind` that are no outcome.
inline constexpr std::int64_t kSkippedNumber = 5, kGapNumber = 6;
inline constexpr std::array kTriggerNumbers{Trigger::schedule, Trigger::start,    Trigger::manual,
                                            Trigger::retry,    Trigger::catch_up, Trigger::queue};
inline constexpr std::array kKilledByNumbers{KilledBy::timeout, KilledBy::cancel, KilledBy::replace, KilledBy::stop,
                                             KilledBy::oom};
inline constexpr std::array kReasonNumbers{SkipReason::overlap, SkipReason::paused, SkipReason::pool,
                                           SkipReason::missed,  SkipReason::late,   SkipReason::disabled,
                                           SkipReason::stopping};
/// Bits of `flags`.
inline constexpr std::int64_t kCoreDumpedFlag = 1, kOutputCutOffFlag = 2;

template <class Value, std::size_t Count>
[[nodiscard]] constexpr std::int64_t number_of(const std::array<Value, Count>& numbers, Value value) {
  std::size_t number = 0;
  while (numbers.at(number) != value) ++number;
  return static_cast<std::int64_t>(number);
}

/// Nothing for a number that this version does not know.
template <class Value, std::size_t Count>
[[nodiscard]] constexpr std::optional<Value> value_of(const std::array<Value, Count>& numbers, std::int64_t number) {
  if (number < 0 || static_cast<std::size_t>(number) >= Count) return std::nullopt;
  return numbers[static_cast<std::size_t>(number)];
}

/// Whether a run with this trigger answers a due time of the schedule, which no other run may answer again.
[[nodiscard]] bool answers_due_time(Trigger trigger);

}  // namespace taskrun::report
