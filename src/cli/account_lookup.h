#pragma once

#include <string>

#include "manifest/manifest.h"

namespace taskrun::cli {

/// Why a task of this process could not run as that user and group now, looked up as a task's start will look it up.
[[nodiscard]] manifest::AccountDoubt doubt_account(const std::string& user, const std::string& group);

}  // namespace taskrun::cli
