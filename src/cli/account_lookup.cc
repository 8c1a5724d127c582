#include "cli/account_lookup.h"

#include <unistd.h>

#include "process/credentials.h"

namespace taskrun::cli {

using manifest::AccountDoubt;

AccountDoubt doubt_account(const std::string& user, const std::string& group) {
  if (!process::find_credentials("", group)) return AccountDoubt::no_group;
  const auto credentials = process::find_credentials(user, group);
  if (!credentials) return AccountDoubt::no_user;
  return *credentials && ::geteuid() != 0 ? AccountDoubt::needs_root : AccountDoubt::none;
}

}  // namespace taskrun::cli
