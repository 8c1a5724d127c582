#pragma once

#include <optional>

#include "base/result.h"
#include "daemon/listeners.h"
#include "daemon/options.h"
#include "sys/lock_file.h"

namespace taskrun::daemon {

/// What only one runner at a time may have: its state, its socket's name, that socket, and its port. Gone with the
/// runner, however that ends; in an orderly end the files go too.
struct Instance {
  std::optional<sys::LockFile> state_lock;
  std::optional<sys::LockFile> socket_lock;
  Listeners listeners;  ///< none where there is to be none, or a warning has told why
};

/// Locks first, then listens. EWOULDBLOCK where another runner holds the instance, or the socket that was asked for:
/// the message says which, and names its pid. Any other failure: the state cannot be locked, or there is no socket or
/// no port though it was asked for.
[[nodiscard]] Result<Instance> hold_instance(const Options& options);

}  // namespace taskrun::daemon
