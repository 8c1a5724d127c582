#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "manifest/draft.h"

namespace taskrun::manifest {

/// Warns of commands whose program is not there now. Each question is asked once, however many tasks pose it.
class Programs {
 public:
  explicit Programs(const Surroundings& surroundings) : surroundings_(surroundings) {}
  /// `program` is the first item of a command in a task of this policy.
  void check(const Node& program, const TaskPolicy& policy, Mistakes& mistakes);

 private:
  [[nodiscard]] bool is_there(const std::string& program, const TaskPolicy& policy);

  const Surroundings& surroundings_;
  std::map<std::tuple<std::string, std::optional<std::string>, std::string>, bool> known_;
};

}  // namespace taskrun::manifest
