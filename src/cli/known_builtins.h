#pragma once

#include <span>

#include "manifest/manifest.h"

namespace taskrun::cli {

/// The built-in tasks, as the manifest's loader and schema know them.
[[nodiscard]] std::span<const manifest::KnownBuiltin> known_builtins();

}  // namespace taskrun::cli
