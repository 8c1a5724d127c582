#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/syntax_error.h"
#include "sys/fd.h"

/// Stream sockets of the Internet protocols. Names are not looked up: what a name server says today is no place to
/// listen at.
namespace taskrun::sys {

/// Whether `text` is an address of IPv4 or IPv6, as numbers, without brackets and port.
[[nodiscard]] bool is_ip_address(std::string_view text);
/// Whether only this machine reaches it. `address` is one.
[[nodiscard]] bool is_loopback(const std::string& address);

struct TcpAddress {
  std::string ip = "127.0.0.1";  ///< is_ip_address()
  std::uint16_t port = 0;        ///< 0: a free one

  /// "127.0.0.1:9464", "[::1]:9464"
  [[nodiscard]] std::string text() const;
};

/// Reads "127.0.0.1:9464", "[::1]:9464", "localhost:9464", or a port alone, which is meant on the loopback. Every other
/// address has to be there: ":9464" is refused.
[[nodiscard]] tl::expected<TcpAddress, SyntaxError> parse_tcp_address(std::string_view text);

/// A listening socket that does not block.
class TcpListener {
 public:
  /// Fails where somebody listens there already (EADDRINUSE), where this machine does not have the address, or where
  /// the port is not for this user.
  [[nodiscard]] static Result<TcpListener> open(const TcpAddress& address);

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// With the port that it has.
  [[nodiscard]] const TcpAddress& address() const { return address_; }
  /// See accept_peer(); what is written to it is sent at once.
  [[nodiscard]] Result<Fd> accept() const;

 private:
  TcpListener(Fd fd, TcpAddress address) : fd_(std::move(fd)), address_(std::move(address)) {}
  Fd fd_;
  TcpAddress address_;
};

}  // namespace taskrun::sys
