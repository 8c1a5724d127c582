#pragma once

#include "database/session.h"

namespace taskrun::database {

/// A session on a file of SQLite, with its foreign keys enforced.
[[nodiscard]] Answer<std::unique_ptr<Session>> open_sqlite(const Url& url, Access access,
                                                           std::chrono::milliseconds patience);

}  // namespace taskrun::database
