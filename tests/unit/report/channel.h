#pragma once

#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fd.h"

/// Both ends of what stands for stdout; the test is the reader.
namespace taskrun::report {

struct Channel {
  sys::Fd read;
  sys::Fd write;

  static Channel pipe() {
    std::signal(SIGPIPE, SIG_IGN);  // as the daemon does
    auto made = sys::make_pipe();
    REQUIRE(made.has_value());
    return adopt(std::move(made->read), std::move(made->write));
  }

  static Channel socket() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    return adopt(sys::Fd(ends[0]), sys::Fd(ends[1]));
  }

  static Channel terminal() {
    sys::Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE((::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0));
    sys::Fd slave(::open(::ptsname(master.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    return adopt(std::move(master), std::move(slave));
  }

  static Channel adopt(sys::Fd read, sys::Fd write) {
    REQUIRE(sys::set_nonblocking(read.get()).has_value());
    return {std::move(read), std::move(write)};
  }

  /// What can be read now.
  [[nodiscard]] std::string take(std::size_t most = std::string::npos) const {
    std::string out;
    char buffer[4096];
    while (out.size() < most) {
      auto count = sys::read_some(read.get(), std::span(buffer, std::min(sizeof buffer, most - out.size())));
      if (!count || *count == 0) break;
      out.append(buffer, *count);
    }
    return out;
  }

  [[nodiscard]] bool is_blocking() const { return (::fcntl(write.get(), F_GETFL) & O_NONBLOCK) == 0; }
};

/// While it lives, a pipe whose mode says so may not be opened again, not even by root.
class WithoutOpening {
 public:
  explicit WithoutOpening(const Channel& channel) {
    REQUIRE(::fchmod(channel.write.get(), 0) == 0);
    if (::geteuid() == 0) ::setfsuid(65534);
  }
  WithoutOpening(const WithoutOpening&) = delete;
  WithoutOpening& operator=(const WithoutOpening&) = delete;
  ~WithoutOpening() { ::setfsuid(::geteuid()); }
};

/// While it lives, pipes may not grow beyond what an ordinary user's may.
class WithoutPrivilege {
 public:
  WithoutPrivilege() {
    REQUIRE(::syscall(SYS_capget, &header_, before_) == 0);
    __user_cap_data_struct none[2] = {before_[0], before_[1]};
    none[0].effective = none[1].effective = 0;
    REQUIRE(::syscall(SYS_capset, &header_, none) == 0);
  }
  WithoutPrivilege(const WithoutPrivilege&) = delete;
  WithoutPrivilege& operator=(const WithoutPrivilege&) = delete;
  ~WithoutPrivilege() { ::syscall(SYS_capset, &header_, before_); }

 private:
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2]{};
};

}  // namespace taskrun::report
