#pragma once

#include <optional>

#include "sys/tcp_listener.h"
#include "sys/unix_socket.h"

namespace taskrun::daemon {

/// Where a runner can be asked.
struct Listeners {
  std::optional<sys::UnixListener> socket;
  std::optional<sys::TcpListener> http;
};

}  // namespace taskrun::daemon
