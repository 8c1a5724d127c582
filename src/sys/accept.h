#pragma once

#include "base/result.h"
#include "sys/fd.h"

namespace taskrun::sys {

/// The next connection of a listening socket that does not block, nor does the connection; EAGAIN where none waits,
/// EMFILE and the like where descriptors ran out.
[[nodiscard]] Result<Fd> accept_peer(int listening);

}  // namespace taskrun::sys
