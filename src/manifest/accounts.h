#pragma once

#include <map>
#include <string>
#include <utility>

#include "manifest/draft.h"

namespace taskrun::manifest {

/// Warns of users and groups that no run could have here and now. Each question is asked once, however many tasks pose
/// it.
class Accounts {
 public:
  explicit Accounts(const Surroundings& surroundings) : surroundings_(surroundings) {}
  /// The user and the group that `draft` names itself, in a task (or defaults) of this policy.
  void check(const TaskDraft& draft, const TaskPolicy& policy, Mistakes& mistakes);

 private:
  [[nodiscard]] AccountDoubt doubt_about(const TaskPolicy& policy);

  const Surroundings& surroundings_;
  std::map<std::pair<std::string, std::string>, AccountDoubt> known_;
};

}  // namespace taskrun::manifest
