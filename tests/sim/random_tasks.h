#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

#include "model/task_spec.h"

namespace taskrun::sim {

inline constexpr int kPlaces = 4;      // at the beginning; a reload may change them
inline constexpr int kPoolPlaces = 2;  // the same
inline constexpr Nanos kStopTimeout = std::chrono::seconds(5);
inline constexpr Nanos kGrace = std::chrono::seconds(1);
inline constexpr Nanos kHookTimeout = std::chrono::seconds(2);
inline constexpr std::size_t kNames = 8;

/// The same numbers from the same seed, on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : source_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return source_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  Nanos between(Nanos least, Nanos most) {
    return least + Nanos(static_cast<Nanos::rep>(below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }

 private:
  std::mt19937_64 source_;
};

[[nodiscard]] std::string random_name(Random& random);

/// Any schedule, any policy; at most some hundred due times a day.
[[nodiscard]] TaskSpecPtr random_task(const std::string& name, WallTime now, Random& random);

/// Another definition of it: another policy, and often another schedule.
[[nodiscard]] TaskSpecPtr changed_task(const TaskSpec& task, WallTime now, Random& random);

/// The kind of task that a machine has a thousand of: hourly, daily, weekly.
[[nodiscard]] TaskSpecPtr ordinary_task(std::size_t number);

}  // namespace taskrun::sim
