#include "sys/unix_socket.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/accept.h"

namespace taskrun::sys {
namespace {

constexpr mode_t kOwnersOnly = 0600;
constexpr int kWaiting = 128;  // connections the kernel holds for us

std::string quoted(const std::string& path) { return "'" + path + "'"; }

Result<sockaddr_un> address_of(const std::string& path, const std::string& attempt) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return fail(attempt + ": the path is empty", EINVAL);
  if (path.size() >= sizeof address.sun_path) {
    return fail(attempt + ": the path has " + std::to_string(path.size()) + " bytes, a socket's at most " +
                    std::to_string(sizeof address.sun_path - 1),
                ENAMETOOLONG);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

Fd make_socket(int flags = 0) { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)); }

// Whether somebody listens: a listener whose queue is full (EAGAIN) is alive too.
bool is_live(const sockaddr_un& address) {
  const Fd probe = make_socket(SOCK_NONBLOCK);
  if (!probe) return true;
  return ::connect(probe.get(), generic(address), sizeof address) == 0 || errno != ECONNREFUSED;
}

const char* kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR: return "a directory";
    case S_IFLNK: return "a symbolic link";
    case S_IFREG: return "a file";
    default: return "no socket";
  }
}

Result<void> clear_place(const sockaddr_un& address, const std::string& path, const std::string& attempt) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(attempt, errno);
  }
  if (!S_ISSOCK(status.st_mode)) return fail(attempt + ": what stands there is " + kind_of(status.st_mode), EEXIST);
  if (is_live(address)) return fail(attempt + ": somebody listens there already", EADDRINUSE);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(attempt, errno);
  return {};
}

}  // namespace

// The kernel makes the file with the mode that the unbound socket has: no moment in which others could connect, and no
// umask to be changed for a while.
Result<UnixListener> UnixListener::open(const std::string& path) {
  const std::string attempt = "cannot listen on " + quoted(path);
  const auto address = address_of(path, attempt);
  if (!address) return tl::unexpected(address.error());
  if (auto cleared = clear_place(*address, path, attempt); !cleared) return tl::unexpected(cleared.error());
  Fd fd = make_socket(SOCK_NONBLOCK);
  if (!fd || ::fchmod(fd.get(), kOwnersOnly) != 0) return fail_errno(attempt, errno);
  if (::bind(fd.get(), generic(*address), sizeof *address) != 0) return fail_errno(attempt, errno);
  UnixListener listener(std::move(fd), path);
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return fail_errno(attempt, errno);
  listener.device_ = status.st_dev;
  listener.inode_ = status.st_ino;
  if (::listen(listener.fd(), kWaiting) != 0) return fail_errno(attempt, errno);
  return listener;
}

UnixListener& UnixListener::operator=(UnixListener&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::move(other.fd_);
  path_ = std::move(other.path_);
  device_ = other.device_;
  inode_ = other.inode_;
  return *this;
}

Result<Fd> UnixListener::accept() const { return accept_peer(fd_.get()); }

void UnixListener::close() {
  if (!fd_) return;
  struct stat status{};
  const bool is_ours =
      inode_ != 0 && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  if (is_ours) ::unlink(path_.c_str());
  fd_.reset();
}

Result<Fd> connect_unix(const std::string& path, std::chrono::milliseconds patience) {
  const std::string attempt = "cannot connect to " + quoted(path);
  const auto address = address_of(path, attempt);
  if (!address) return tl::unexpected(address.error());
  Fd fd = make_socket();
  if (!fd) return fail_errno(attempt, errno);
  timeval limit{};
  limit.tv_sec = patience.count() / 1000;
  limit.tv_usec = (patience.count() % 1000) * 1000;
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (::setsockopt(fd.get(), SOL_SOCKET, direction, &limit, sizeof limit) != 0) return fail_errno(attempt, errno);
  }
  while (::connect(fd.get(), generic(*address), sizeof *address) != 0) {
    if (errno != EINTR) return fail_errno(attempt, errno);
  }
  return fd;
}

std::optional<uid_t> peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace taskrun::sys
