#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/trouble.h"

namespace taskrun::cli {

/// A task as it stands in a file: the text of its definition.
struct TaskText {
  std::string name;
  std::string definition;
  std::size_t begin = 0;  ///< of the definition, in the file's text
};

/// Takes the tasks out of a file for `add`, in their order. The file is a manifest of which only the tasks are meant;
/// or the tasks alone, by name; or one task, whose name is then `name_of_one`. Trouble: what is no JSON, as `check`
/// tells it, and what a manifest says beside its tasks, since it would not apply.
[[nodiscard]] Answered<std::vector<TaskText>> read_tasks_in(std::string_view text, const std::string& file,
                                                            const std::string& name_of_one);

}  // namespace taskrun::cli
