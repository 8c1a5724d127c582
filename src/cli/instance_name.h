#pragma once

#include <string>

#include "cli/manifest_source.h"

namespace taskrun::cli {

/// The name of a runner: the one asked for, else the manifest's, else the file's stem and eight hex digits of a hash of
/// its canonical path, so that two files of one name make two runners. Always a name (base/text.h).
[[nodiscard]] std::string instance_name(const std::string& asked, const ManifestReading& reading);

}  // namespace taskrun::cli
