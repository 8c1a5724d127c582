#include "control/task_listing.h"

#include <utility>

#include "base/limits.h"
#include "control/answer_json.h"

namespace taskrun::control {

// Ids that are free tell nothing, and "" would be the end: so they are passed over at once.
std::string TaskListing::next() {
  std::string page;
  while (page.empty() && !is_done_) page = next_page();
  return std::exchange(has_begun_, true) ? page : "{\"tasks\":[" + page;
}

std::string TaskListing::next_page() {
  std::string text;
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
