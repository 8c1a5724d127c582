#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/task_spec.h"

namespace taskrun::daemon {

/// What sets one manifest apart from the one before, task by task; a task is known by its name.
struct ManifestDiff {
  std::vector<TaskSpecPtr> added;    ///< in the order of the new one
  std::vector<TaskSpecPtr> changed;  ///< likewise: the new definitions
  std::vector<std::string> removed;  ///< in the order of the old one
  std::size_t unchanged = 0;
};

/// Compares definitions as they are read: defaults, variables and files in, layout and order out. In `fresh`, what is
/// unchanged becomes the very definition of before, so that one copy of it is kept. Owns nothing that is not in the two
/// and touches `before` only to read it, so any thread may do this.
[[nodiscard]] ManifestDiff take_differences(const Manifest& before, Manifest& fresh);

}  // namespace taskrun::daemon
