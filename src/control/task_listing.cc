#include "control/task_listing.h"

#include <utility>

#include "base/limits.h"
#include "control/answer_json.h"

namespace taskrun::control {

std::string TaskListing::next() {
  if (is_done_) return "";
  std::string text = std::exchange(has_begun_, true) ? "" : "{\"tasks\":[";
  const TaskPage page = desk_.tasks(from_, limits::kTasksATurn);
  for (const TaskState& task : page.tasks) {
    if (std::exchange(has_told_one_, true)) text += ',';
    text += element_json(task);
  }
  is_done_ = !page.next;
  from_ = page.next.value_or(from_);
  if (is_done_) text += "]}\n";
  return text;
}

}  // namespace taskrun::control
