#include "sys/accept.h"

#include <cerrno>

#include <sys/socket.h>

namespace taskrun::sys {

Result<Fd> accept_peer(int listening) {
  while (true) {
    Fd connection(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (connection) return connection;
    if (errno != EINTR && errno != ECONNABORTED) return fail_errno("cannot accept a connection", errno);
  }
}

}  // namespace taskrun::sys
