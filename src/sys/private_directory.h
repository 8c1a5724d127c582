#pragma once

#include <string>

#include "base/result.h"

namespace taskrun::sys {

/// Makes a directory that only its owner can enter, with whatever is missing above it, each 0700. One that is there
/// already must be a directory, no link to one, and belong to this user; rights of others on it are taken away. The
/// directory above must belong to this user or to root, and nobody else may exchange what is in it. The error names
/// the path.
[[nodiscard]] Result<void> make_private_directory(const std::string& path);

}  // namespace taskrun::sys
