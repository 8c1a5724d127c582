#include "sys/notify_socket.h"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>

namespace taskrun::sys {

Result<NotifySocket> NotifySocket::open(const std::string& address) {
  if (address.empty() || (address[0] != '/' && address[0] != '@')) {
    return fail("'" + address + "' is no address of a socket", EINVAL);
  }
  if (address.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail_errno("cannot send to '" + address + "'", ENAMETOOLONG);
  }
  Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("cannot open a socket", errno);
  std::string spelled = address;
  if (spelled[0] == '@') spelled[0] = '\0';
  return NotifySocket(std::move(fd), std::move(spelled));
}

Result<void> NotifySocket::send(std::string_view text) const {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  const bool is_path = address_[0] == '/';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() + (is_path ? 1 : 0));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the kernel takes an address
  const auto* address = reinterpret_cast<const sockaddr*>(&to);
  if (sendto(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL, address, length) >= 0) return {};
  return fail_errno("cannot notify the service manager", errno);
}

}  // namespace taskrun::sys
