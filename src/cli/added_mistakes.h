#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "cli/new_task.h"
#include "cli/task_file.h"

namespace taskrun::cli {

/// Where the tasks of an `add` come from.
struct AddedSource {
  std::vector<TaskText> tasks;
  std::string file{};            ///< as it is shown; "" where the task stands on the command line
  std::string text{};            ///< of the file
  std::vector<KeyTexts> keys{};  ///< of the command line
};

/// Finds out where in the definition that is which the runner has found wrong: it has seen it as other text, the same
/// JSON without blanks. Line 0 for what only the runner finds.
void find_places(Diagnostics& found, const TaskText& task);

/// What is wrong with a task that is added, or doubtful, in lines for whoever added it. `diagnostic` has its place in
/// the task's definition, at the very beginning where it is about the task as a whole, and none where its line is 0. It
/// is shown by the flag that it is about, or with the line of the file, secrets as stars.
[[nodiscard]] std::string told(Diagnostic diagnostic, const AddedSource& source, const TaskText& task);

}  // namespace taskrun::cli
