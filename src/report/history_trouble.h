#pragma once

#include <string>

#include "base/result.h"
#include "database/sqlite.h"

namespace taskrun::report {

/// Why a history cannot be written or read.
struct HistoryTrouble {
  Error error;
  enum class Kind {
    corrupt,  ///< no database, another program's, or a damaged one: to be set aside
    newer,    ///< of a newer taskrun: nothing in it has been touched, and nothing may be
    absent,   ///< to be read, and there is none
    other,    ///< the disk is full, the file cannot be opened, somebody else locks it …
  } kind = Kind::other;
};

template <class T>
using HistoryAnswer = tl::expected<T, HistoryTrouble>;

[[nodiscard]] HistoryTrouble trouble_of(const database::Failure& failure);

/// Looks at a file that has been opened, before anything in it is changed: the version of its schema, 0 where it is
/// empty. Refuses what is of a newer taskrun, and what is no history.
[[nodiscard]] HistoryAnswer<int> history_version(database::SqliteConnection& connection, const std::string& path);

}  // namespace taskrun::report
