#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace taskrun::process {

/// Who a task runs as.
struct Credentials {
  uid_t user = 0;
  gid_t group = 0;
  std::optional<std::vector<gid_t>> groups;  ///< sorted, each once; none: the runner's
};

/// Looks up `user` and `group`, each a name or a number, "" for the runner's own. Nothing where that changes nothing.
/// A user brings its own group and supplementary groups; a number that no user has needs a group beside it.
/// Fails with "finding user 'x': no such user". May ask the machine's name services, which may take its time.
[[nodiscard]] Result<std::optional<Credentials>> find_credentials(const std::string& user, const std::string& group);

}  // namespace taskrun::process
