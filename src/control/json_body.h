#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace taskrun::control {

/// What `POST /v1/tasks` brings.
struct NewTask {
  std::string name;
  std::string definition;  ///< compact JSON: one object
};

/// {"name": …, "task": {…}} and nothing else: no unknown or repeated key, at most limits::kJsonDepth deep. The error
/// says what is wrong, with the place where it is no JSON.
[[nodiscard]] Result<NewTask> read_new_task(std::string_view body);

}  // namespace taskrun::control
