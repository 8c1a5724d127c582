#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "manifest/value.h"
#include "schedule/schedule.h"

namespace taskrun::manifest {

/// What decides how a cron expression's local times become moments; `defaults` may say both.
struct ClockRules {
  std::optional<Zone> zone;  ///< none: the local one
  DstPolicy dst;
};

/// When a task runs, while its keys are read.
struct WhenDraft {
  Schedule schedule;     ///< but for `cron`, which is read once all keys are
  std::string_view key;  ///< of every, delay, cron and at the first that is given; "" for none
  std::size_t key_at = 0;
  const Node* cron = nullptr;  ///< lives as long as the object that is read
  ClockRules clock;

  /// A key of the task that matters to due times on the wall clock only.
  struct WallKey {
    std::string_view name;
    std::size_t at;
  };
  std::vector<WallKey> wall_keys;
};

void read_at(const Value& value, WhenDraft& draft);

/// The schedule, once all keys of the task are read; what is wrong with it is reported, and what is hardly meant warned
/// of.
[[nodiscard]] Schedule finish_when(WhenDraft& draft, const Source& source);

}  // namespace taskrun::manifest
