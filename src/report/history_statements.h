#pragma once

#include <cstdint>
#include <vector>

#include "database/sqlite.h"

namespace taskrun::report {

/// What the writer of a history asks of SQLite; the texts are in the source, in the same order.
enum class Sql {
  find_task,
  add_task,
  forget_task,
  find_claim,
  add_claim,
  retry_claim,
  end_claim,
  find_answer,
  find_entry,
  add_entry,
  add_output,
  find_gap,
  add_mark,
  end_mark,
  oldest,
  delete_entry,
  delete_output,
};

/// Prepared once, used again and again.
class HistoryStatements {
 public:
  [[nodiscard]] database::Answer<void> prepare(database::SqliteConnection& connection);
  [[nodiscard]] database::SqliteStatement& get(Sql which) { return statements_.at(static_cast<std::size_t>(which)); }

 private:
  std::vector<database::SqliteStatement> statements_;
};

}  // namespace taskrun::report
