#include "sys/tcp_listener.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/text.h"
#include "sys/accept.h"

namespace taskrun::sys {
namespace {

constexpr int kWaiting = 128;  // connections the kernel holds for us
constexpr std::string_view kExample = "write ADDRESS:PORT, for example \"127.0.0.1:9464\" or \"[::1]:9464\"";

std::optional<in_addr> ipv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ? std::optional(address) : std::nullopt;
}

std::optional<in6_addr> ipv6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1 ? std::optional(address) : std::nullopt;
}

// As the kernel takes it.
struct KernelAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  [[nodiscard]] sockaddr* generic() { return static_cast<sockaddr*>(static_cast<void*>(&bytes)); }
};

template <class Address>
KernelAddress kernel_address(const Address& address) {
  KernelAddress out;
  std::memcpy(&out.bytes, &address, sizeof address);
  out.size = sizeof address;
  return out;
}

KernelAddress kernel_address(const TcpAddress& address) {
  if (const auto four = ipv4(address.ip)) {
    sockaddr_in inet{};
    inet.sin_family = AF_INET;
    inet.sin_port = htons(address.port);
    inet.sin_addr = *four;
    return kernel_address(inet);
  }
  sockaddr_in6 inet{};
  inet.sin6_family = AF_INET6;
  inet.sin6_port = htons(address.port);
  inet.sin6_addr = ipv6(address.ip).value_or(in6_addr{});
  return kernel_address(inet);
}

// The port stands at the same place in both.
std::optional<std::uint16_t> port_of(int socket) {
  KernelAddress address;
  address.size = sizeof address.bytes;
  if (::getsockname(socket, address.generic(), &address.size) != 0) return std::nullopt;
  sockaddr_in inet{};
  std::memcpy(&inet, &address.bytes, sizeof inet);
  return ntohs(inet.sin_port);
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(port) : std::nullopt;
}

tl::unexpected<SyntaxError> wrong(std::string_view text, std::string_view why, std::string hint) {
  return tl::unexpected(SyntaxError{fmt::format("'{}' is no address: {}", printable(text, 80), why), std::move(hint)});
}

bool set_option(int socket, int level, int option) {
  const int on = 1;
  return ::setsockopt(socket, level, option, &on, sizeof on) == 0;
}

}  // namespace

bool is_ip_address(std::string_view text) {
  const std::string copy(text);
  return copy.find('\0') == std::string::npos && (ipv4(copy) || ipv6(copy));
}

bool is_loopback(const std::string& address) {
  if (const auto four = ipv4(address)) return ntohl(four->s_addr) >> 24 == IN_LOOPBACKNET;
  const in6_addr six = ipv6(address).value_or(in6_addr{});
  if (IN6_IS_ADDR_V4MAPPED(&six)) return six.s6_addr[12] == IN_LOOPBACKNET;
  return IN6_IS_ADDR_LOOPBACK(&six);
}

std::string TcpAddress::text() const {
  const bool is_bracketed = ip.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_bracketed ? "[" : "", ip, is_bracketed ? "]" : "", port);
}

tl::expected<TcpAddress, SyntaxError> parse_tcp_address(std::string_view text) {
  if (const auto port = read_port(text)) return TcpAddress{.port = *port};
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && !text.ends_with(']');
  if (!has_port || is_ip_address(text)) return wrong(text, "the port is missing", std::string(kExample));
  const auto port = read_port(text.substr(colon + 1));
  if (!port) return wrong(text, "a port is a number from 0 to 65535", std::string(kExample));
  std::string_view ip = text.substr(0, colon);
  if (ip.empty() || ip == "*") {
    return wrong(text, "which one is meant?",
                 fmt::format("write \"127.0.0.1:{0}\", or \"0.0.0.0:{0}\" for all of this machine", *port));
  }
  if (ip == "localhost") return TcpAddress{.port = *port};
  const bool is_bracketed = ip.starts_with('[') && ip.ends_with(']');
  if (is_bracketed) ip = ip.substr(1, ip.size() - 2);
  const bool is_spelled_well = is_bracketed == (ip.find(':') != std::string_view::npos);
  if (!is_ip_address(ip) || !is_spelled_well) {
    return wrong(text, "it is neither IPv4 nor IPv6, and names are not looked up", std::string(kExample));
  }
  return TcpAddress{std::string(ip), *port};
}

Result<TcpListener> TcpListener::open(const TcpAddress& address) {
  const std::string attempt = fmt::format("cannot listen on '{}'", address.text());
  KernelAddress kernel = kernel_address(address);
  Fd fd(::socket(kernel.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // A runner that is started again need not wait until the kernel has forgotten the last peers of the one before. What
  // is accepted has both options, too.
  const bool is_ready =
      fd && set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR) && set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (!is_ready || ::bind(fd.get(), kernel.generic(), kernel.size) != 0 || ::listen(fd.get(), kWaiting) != 0) {
    return fail_errno(attempt, errno);
  }
  const auto port = port_of(fd.get());
  if (!port) return fail_errno(attempt, errno);
  return TcpListener(std::move(fd), {address.ip, *port});
}

Result<Fd> TcpListener::accept() const { return accept_peer(fd_.get()); }

}  // namespace taskrun::sys
