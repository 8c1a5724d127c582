#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

/// Stream sockets with a name in the file system.
namespace taskrun::sys {

/// A listening socket that only its owner (and root) can connect to, from the moment its file is there. Does not block.
class UnixListener {
 public:
  /// Binds and listens at `path`. A socket file there that nobody listens on is replaced: the caller holds the lock of
  /// that name, or it might be another's that is about to listen. Refused, with the reason: a path that is too long,
  /// a socket that somebody listens on (EADDRINUSE), and anything else that stands at the path.
  [[nodiscard]] static Result<UnixListener> open(const std::string& path);
  UnixListener(UnixListener&&) noexcept = default;
  UnixListener& operator=(UnixListener&& other) noexcept;
  /// Removes the file, if it is still ours.
  ~UnixListener() { close(); }

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// See accept_peer().
  [[nodiscard]] Result<Fd> accept() const;
  /// No more connections: removes the file, if it is still ours, and closes.
  void close();

 private:
  UnixListener(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Connects; blocking from then on, with `patience` for each read and write (EAGAIN after it). ENOENT or ECONNREFUSED
/// where nobody listens; EAGAIN where whoever listens does not accept within `patience`.
[[nodiscard]] Result<Fd> connect_unix(const std::string& path, std::chrono::milliseconds patience);

/// The user on the other end, as the kernel noted when it connected; nothing where it is no such socket.
[[nodiscard]] std::optional<uid_t> peer_of(int socket);

}  // namespace taskrun::sys
