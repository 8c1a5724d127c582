#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "control/desk.h"

/// Answers as JSON text that ends with a newline. Keys and words are those of the event lines where they say the same.
namespace taskrun::control {

[[nodiscard]] std::string to_json(const RunnerState& runner, std::uint64_t seq);
[[nodiscard]] std::string to_json(const TaskState& task);
/// The same, without a newline.
[[nodiscard]] std::string element_json(const TaskState& task);
/// {"task","task_id","run_id"}
[[nodiscard]] std::string run_json(std::string_view task, TaskId id, RunId run);
/// {"task","task_id","gone"}
[[nodiscard]] std::string removed_json(std::string_view task, TaskId id, bool is_gone);
[[nodiscard]] std::string to_json(const Reloaded& reloaded);
/// {"status":"ok", …}
[[nodiscard]] std::string health_json(const RunnerState& runner);
/// {"KEY": "VALUE"}
[[nodiscard]] std::string word_json(std::string_view key, std::string_view value);
/// {"error":{"code","message","diagnostics"}}
[[nodiscard]] std::string error_json(std::string_view code, std::string_view message,
                                     const Diagnostics& diagnostics = {});

}  // namespace taskrun::control
