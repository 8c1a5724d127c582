#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/key.h"
#include "manifest/when.h"
#include "model/task_spec.h"

/// What the keys of each kind of object are read into, and their tables.
namespace taskrun::manifest {

/// What a task or a hook runs, while its keys are read.
struct WhatDraft {
  std::optional<What> what;
  std::string_view key;  ///< of shell, command and builtin the first that is given; "" for none
  std::size_t key_at = 0;
  const Node* value = nullptr;  ///< of `key`; lives as long as the object that is read
  const Node* with = nullptr;   ///< likewise
  std::size_t with_at = 0;
};

struct HookDraft : WhatDraft {
  Hook hook;
};

/// A task, or `defaults`, while its keys are read.
struct TaskDraft : WhatDraft {
  explicit TaskDraft(std::shared_ptr<const TaskPolicy> base, const ClockRules& clock = {})
      : when{.clock = clock}, inherited(std::move(base)) {}

  WhenDraft when;

  std::shared_ptr<const TaskPolicy> inherited;
  std::shared_ptr<TaskPolicy> own;  ///< null while the task says nothing that differs from what it inherits
  TaskPolicy& edit() {
    if (!own) own = std::make_shared<TaskPolicy>(*inherited);
    return *own;
  }

  Variables env;
  std::optional<std::string> env_file;
  const Node* env_file_value = nullptr;
  const Node* user_value = nullptr;   ///< null where the draft names no user
  const Node* group_value = nullptr;  ///< likewise
  const Node* pool_value = nullptr;   ///< null where the draft names no pool
  std::size_t stdin_at = 0;           ///< of the key; 0 where it has none
  std::vector<const Node*> programs;  ///< the first item of each hook's command
};

/// The top level; `tasks` are read one by one and do not pass through here.
struct TopDraft {
  Manifest manifest;
  std::optional<Member> env;
  std::optional<Member> defaults;
  bool has_tasks = false;
};

[[nodiscard]] std::span<const Key<TopDraft>> top_keys();
[[nodiscard]] std::span<const Key<TaskDraft>> task_keys();
[[nodiscard]] std::span<const Key<HookDraft>> hook_keys();
[[nodiscard]] std::span<const Key<RetryPolicy>> retry_keys();
[[nodiscard]] std::span<const Key<OutputPolicy>> output_keys();
[[nodiscard]] std::span<const Key<ResourceLimits>> limits_keys();
[[nodiscard]] std::span<const Key<DstPolicy>> dst_keys();

inline constexpr std::array kOutputModes{OutputMode::tail, OutputMode::lines, OutputMode::raw, OutputMode::none};

/// Reads an object of variables; what is wrong in it is reported and left out.
[[nodiscard]] Variables read_variables(const Value& value);

/// The values that a built-in's argument may have; empty: any.
[[nodiscard]] std::vector<std::string_view> choices_of(const Parameter& parameter);

/// Where the program of a command stands; null where the draft is no command.
[[nodiscard]] const Node* program_of(const WhatDraft& draft);

/// What is to run, once all keys of its object are read; checks `builtin` and `with` against the catalogue. `object`
/// is the task or hook. Nothing where there is a mistake.
[[nodiscard]] std::optional<What> finish_what(WhatDraft& draft, const Value& object);

}  // namespace taskrun::manifest
