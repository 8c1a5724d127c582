#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/http_message.h"
#include "sys/tcp_listener.h"

namespace taskrun::control {

/// Whether `text` can stand for a host in a request, without brackets and port: an address, or a name of letters,
/// digits, '-', '_' and dots.
[[nodiscard]] bool is_host_name(std::string_view text);

/// What a runner on the network may be called by those who ask it. A page in somebody's browser can have a name of its
/// own lead to this address, and would then read the answers as its own; it asks by that name.
class HostNames {
 public:
  /// No one may ask by any name.
  HostNames() = default;
  /// "localhost" and addresses, on the loopback only those of the loopback; and `more`, each is_host_name().
  HostNames(const sys::TcpAddress& listening, std::vector<std::string> more);

  /// `host` as it stands in a request, with its port or without; whatever that is, for it may have been forwarded.
  [[nodiscard]] bool has(std::string_view host) const;

 private:
  bool takes_any_address_ = false;
  std::vector<std::string> names_;  // in lower case
};

/// Why a request is not answered: there is no host in it though there must be, or there are several (400); or it is
/// meant for another (403).
[[nodiscard]] std::optional<Rejection> refuse_host(const Request& request, const HostNames& names);

}  // namespace taskrun::control
