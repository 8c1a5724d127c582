#pragma once

#include <string>
#include <string_view>

#include "model/outcome.h"
#include "process/child.h"
#include "process/launch.h"

/// The words for what kept a task from starting. They name the stage, the object and the reason, and never hold an
/// argument or the value of a variable.
namespace taskrun::process {

[[nodiscard]] std::string_view name_of(Stage stage);

/// "ATTEMPT: REASON" of the child's errno.
[[nodiscard]] StartFailure failed_at(const std::string& attempt, const ChildFailure& failure);

/// Whether nothing is where the program should be.
[[nodiscard]] bool is_missing(const ChildFailure& failure);
[[nodiscard]] StartFailure::Kind kind_of(const ChildFailure& failure);

/// The interpreter that a script's first line names; "" where it names none.
[[nodiscard]] std::string interpreter_in(std::string_view first_line);
[[nodiscard]] std::string explain_interpreter(const std::string& attempt, const std::string& interpreter);

/// What is too long for execve: "the largest variable is NAME with 200000 bytes".
[[nodiscard]] std::string largest_of(const Launch& launch);

}  // namespace taskrun::process
