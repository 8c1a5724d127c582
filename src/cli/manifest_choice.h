#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/limits.h"

namespace taskrun::cli {

/// Where the manifest is.
struct ManifestChoice {
  std::optional<std::string> path;  ///< none: $TASKRUN_MANIFEST, else looked for; "-" is stdin
  Bytes limit = limits::kManifestSize;
};

}  // namespace taskrun::cli
