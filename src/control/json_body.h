#pragma once

#include <string_view>

#include "base/result.h"
#include "control/desk.h"

namespace taskrun::control {

/// What `POST /v1/tasks` brings: {"name": …, "task": {…}, "persist": true} (the last may be absent) and nothing else:
/// no unknown or repeated key, at most limits::kJsonDepth deep. The error says what is wrong, with the place where it
/// is no JSON.
[[nodiscard]] Result<NewTask> read_new_task(std::string_view body);

}  // namespace taskrun::control
