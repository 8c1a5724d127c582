#pragma once

#include <string>

#include "base/ids.h"
#include "control/desk.h"

namespace taskrun::control {

/// Every task as one JSON object, {"tasks":[…]}, in pieces: of 100,000 tasks it would hold up the loop for half a
/// second. In the order of ids; each task is told as it is when its piece is made, so one that comes or goes meanwhile
/// may be told or not, and one that is there all the time is told once.
class TaskListing {
 public:
  /// `desk` is borrowed.
  explicit TaskListing(Desk& desk) : desk_(desk) {}

  /// The next piece, of at most limits::kTasksATurn tasks, however many ids are free between them; "" after the last.
  [[nodiscard]] std::string next();
  [[nodiscard]] bool is_done() const { return is_done_; }

 private:
  [[nodiscard]] std::string next_page();

  Desk& desk_;
  TaskId from_ = 0;
  bool has_begun_ = false;
  bool has_told_one_ = false;
  bool is_done_ = false;
};

}  // namespace taskrun::control
