#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/due_record.h"

/// The text of the record of due times: a line that says what it is and how many follow, then one for each task.
///
///     taskrun-due-times 1 2
///     backup 1770091200000000000
///     report 1770087600000000000 1770080400000000000 1770084000000000000
///
/// A task's name, until when its due times are answered, and those before that are still owed, oldest first: in
/// nanoseconds since 1970, because a due time is known by its exact moment.
namespace taskrun::daemon {

[[nodiscard]] std::string write_due_marks(const DueMarks& marks);

/// The error says in which line what is wrong. Whatever the text, it costs no more than its length.
[[nodiscard]] Result<DueMarks> read_due_marks(std::string_view text);

}  // namespace taskrun::daemon
