#include "control/host_names.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::control {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

// As a name server compares names: "LocalHost." is "localhost".
std::string plain(std::string_view name) {
  std::string out(name);
  if (out.ends_with('.')) out.pop_back();
  std::ranges::transform(out, out.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return out;
}

// The name or address in "name:80", "127.0.0.1:80" or "[::1]:80"; "" where it is none of them.
std::string_view without_port(std::string_view host) {
  std::string_view name = host;
  std::string_view rest;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return "";
    name = host.substr(1, end - 1);
    rest = host.substr(end + 1);
  } else if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    rest = host.substr(colon);
  }
  const bool has_port = rest.empty() || (rest.front() == ':' && std::ranges::all_of(rest.substr(1), is_digit));
  return has_port ? name : "";
}

// Between two dots of a name.
bool is_label(std::string_view text) {
  const auto is_of_name = [](char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') || letter == '-' || letter == '_';
  };
  return !text.empty() && std::ranges::all_of(text, is_of_name);
}

}  // namespace

bool is_host_name(std::string_view text) {
  const std::string name = plain(text);
  std::string_view rest = name;
  for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    if (!is_label(rest.substr(0, dot))) return sys::is_ip_address(text);
    rest.remove_prefix(dot + 1);
  }
  return is_label(rest) || sys::is_ip_address(text);
}

HostNames::HostNames(const sys::TcpAddress& listening, std::vector<std::string> more)
    : takes_any_address_(!sys::is_loopback(listening.ip)), names_(std::move(more)) {
  std::ranges::transform(names_, names_.begin(), plain);
  names_.emplace_back("localhost");
}

bool HostNames::has(std::string_view host) const {
  const std::string name = plain(without_port(host));
  if (std::ranges::find(names_, name) != names_.end()) return true;
  return !names_.empty() && sys::is_ip_address(name) && (takes_any_address_ || sys::is_loopback(name));
}

std::optional<Rejection> refuse_host(const Request& request, const HostNames& names) {
  const bool may_be_absent = !request.takes_chunks;  // HTTP/1.0
  if (request.hosts.empty() && may_be_absent) return std::nullopt;
  if (request.hosts.size() != 1) {
    return Rejection{400, "bad_request",
                     "a request has one Host, this one has " + std::to_string(request.hosts.size())};
  }
  if (names.has(request.hosts.front())) return std::nullopt;
  const std::string shown = printable(request.hosts.front(), 80);
  return Rejection{403, "forbidden", fmt::format("this runner is not called '{}' (--http-host NAME says so)", shown)};
}

}  // namespace taskrun::control
