#include "manifest/accounts.h"

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::manifest {
namespace {

// As the manifest spells it: the name may come from a variable.
std::string written(const Node& node) { return fmt::format("\"{}\"", printable(node.text, 70)); }

}  // namespace

AccountDoubt Accounts::doubt_about(const TaskPolicy& policy) {
  const auto [known, is_new] = known_.try_emplace({policy.user, policy.group});
  if (is_new) known->second = surroundings_.doubt_account(policy.user, policy.group);
  return known->second;
}

void Accounts::check(const TaskDraft& draft, const TaskPolicy& policy, Mistakes& mistakes) {
  const Node* const user = draft.user_value;
  const Node* const group = draft.group_value;
  if (!surroundings_.doubt_account || (user == nullptr && group == nullptr)) return;
  switch (doubt_about(policy)) {
    case AccountDoubt::none: break;
    case AccountDoubt::no_user:
      if (user != nullptr) mistakes.warning(user->begin, fmt::format("there is no user {} now", written(*user)));
      break;
    case AccountDoubt::no_group:
      if (group != nullptr) mistakes.warning(group->begin, fmt::format("there is no group {} now", written(*group)));
      break;
    case AccountDoubt::needs_root:
      mistakes.warning(
          (user != nullptr ? user : group)->begin,
          fmt::format("\"{}\" needs root: under this user no run could start", user != nullptr ? "user" : "group"));
      break;
  }
}

}  // namespace taskrun::manifest
