#pragma once

#include "database/session.h"

namespace taskrun::database {

/// A session on a server. The password comes from PGPASSWORD or a passfile, as libpq finds it. No lock and no silence
/// is for ever: a lock that another session holds longer than `patience` is `busy`, and a session that falls silent
/// within a transaction (its host froze, or the network broke) loses it after a minute. Bytes are spelled `\x…`,
/// whatever is the server's habit.
[[nodiscard]] Answer<std::unique_ptr<Session>> open_postgresql(const Url& url, Access access,
                                                               std::chrono::milliseconds patience);

}  // namespace taskrun::database
