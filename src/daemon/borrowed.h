#pragma once

#include <fcntl.h>

namespace taskrun::daemon {

/// Another descriptor for the same open file, for asio, which closes what it is given; -1 where descriptors run out.
[[nodiscard]] inline int borrowed(int descriptor) { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

}  // namespace taskrun::daemon
