#pragma once

#include "manifest/manifest.h"

namespace taskrun::cli {

/// Whether the program is there now, looked up as a task's start will look it up.
[[nodiscard]] bool has_program(const manifest::ProgramLookup& lookup);

}  // namespace taskrun::cli
