#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace taskrun::sys {

/// A datagram socket to which short texts are sent, and from which nothing comes back: the service manager's
/// (sd_notify(3)). Never blocks.
class NotifySocket {
 public:
  /// `address`: a path, or "@" and a name of the abstract namespace. Fails where it is neither, is too long, or a
  /// descriptor cannot be had; whether somebody listens is not asked.
  [[nodiscard]] static Result<NotifySocket> open(const std::string& address);
  /// Fails where nobody listens, or where the listener's queue is full.
  [[nodiscard]] Result<void> send(std::string_view text) const;

 private:
  NotifySocket(Fd fd, std::string address) : fd_(std::move(fd)), address_(std::move(address)) {}
  Fd fd_;
  std::string address_;  // as the kernel spells it: an abstract name begins with a NUL
};

}  // namespace taskrun::sys
