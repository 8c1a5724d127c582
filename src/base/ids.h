#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "base/time.h"

namespace taskrun {

/// A task in one runner: small, reused after removal (the oldest free one first), so never alone a proof of identity.
using TaskId = std::uint32_t;

/// Which holder of a TaskId is meant: counts up with every reuse, so a late message for an old task names nobody.
struct TaskKey {
  TaskId id = 0;
  std::uint32_t generation = 0;
  friend constexpr auto operator<=>(const TaskKey&, const TaskKey&) = default;
};

/// One process start (an attempt of a run, or a hook) within one runner; never reused.
enum class AttemptId : std::uint64_t {};

/// UUID version 7 (RFC 9562): unique and sorts by creation time.
struct RunId {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const RunId&, const RunId&) = default;
  /// Lower-case text, 36 characters.
  [[nodiscard]] std::string text() const;
};

/// Reads what RunId::text() writes; the digits may be capital letters.
[[nodiscard]] std::optional<RunId> parse_run_id(std::string_view text);

/// Makes run ids in increasing order, also within one millisecond and when the wall clock steps back.
class RunIdSource {
 public:
  explicit RunIdSource(std::uint64_t seed) : random_(seed) {}
  [[nodiscard]] RunId make(WallTime time);

 private:
  std::mt19937_64 random_;
  std::uint64_t last_ = 0;  // milliseconds << 12 | counter
};

}  // namespace taskrun
