#pragma once

#include <string_view>

#include "base/result.h"
#include "control/desk.h"

namespace taskrun::control {

/// What `POST /v1/tasks` brings: {"name": …, "task": {…}, "persist": true} (the last may be absent) and nothing else:
/// no unknown or repeated key, at most limits::kJsonDepth deep. The error says what is wrong, with the place where it
/// is no JSON.
[[nodiscard]] Result<NewTask> read_new_task(std::string_view body);

/// What `POST …/trigger` may bring: {"env": {"NAME": "VALUE"}}, or nothing at all. The names are not judged. The error
/// shows no value.
[[nodiscard]] Result<Variables> read_trigger(std::string_view body);

}  // namespace taskrun::control
