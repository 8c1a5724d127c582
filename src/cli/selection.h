#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/task_spec.h"

namespace taskrun::cli {

/// Which tasks of a manifest are meant: those named, and those that have one of the tags. All, where neither is given.
struct Selector {
  std::span<const std::string> names{};
  std::span<const std::string> tags{};
};

/// The tasks meant, each once: those named, in the order of the names, then the others in the manifest's. A name that
/// no task has, or a tag that no task has, is an error that tells the nearest one there is.
[[nodiscard]] Result<std::vector<TaskSpecPtr>> select(const Manifest& manifest, const Selector& selector);

}  // namespace taskrun::cli
