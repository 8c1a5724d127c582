#pragma once

#include <string>
#include <unordered_map>

#include "manifest/draft.h"

namespace taskrun::manifest {

/// The env_files of one manifest, each read once however many tasks name it.
class EnvFiles {
 public:
  /// The variables of the file that a draft names; empty where it names none. Mistakes in the file are reported where
  /// it is first named.
  [[nodiscard]] const Variables& of(const TaskDraft& draft, const Source& source);

 private:
  std::unordered_map<std::string, Variables> files_;
};

/// The PATH that a task of this policy sees; nothing where it sees none.
[[nodiscard]] std::optional<std::string> path_of(const TaskPolicy& policy, const Surroundings& surroundings);

}  // namespace taskrun::manifest
