// Requests of any bytes: a message is complete, wants more or is rejected, wherever it is cut; what is taken for a
// target is text and reads back from its escaped form; whoever is ours on the loopback is ours everywhere; what is
// taken for an address to listen on reads back as itself.

#include <string>

#include "base/limits.h"
#include "base/text.h"
#include "control/host_names.h"
#include "control/http_message.h"
#include "control/target.h"
#include "sys/tcp_listener.h"
#include "tests/fuzz/target.h"

namespace {

using taskrun::control::RequestReader;
using taskrun::fuzz::require;

void require_text(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(taskrun::utf8_length(text))) {
    require(taskrun::utf8_length(text) > 0, "what is decoded is UTF-8");
    require(static_cast<unsigned char>(text.front()) >= 0x20, "what is decoded has no control character");
  }
}

void check_target(std::string_view text) {
  const auto target = taskrun::control::parse_target(text);
  if (!target) return require(!target.error().message.empty(), "a mistake has a message");
  std::string again;
  for (const std::string& segment : target->path) {
    require_text(segment);
    again += "/" + taskrun::control::escaped(segment);
  }
  char before = '?';
  for (const auto& [name, value] : target->query) {
    require_text(name);
    require_text(value);
    again += before + taskrun::control::escaped(name) + "=" + taskrun::control::escaped(value);
    before = '&';
  }
  const auto same = taskrun::control::parse_target(again);
  require(same && same->path == target->path && same->query == target->query, "a target reads back as itself");
}

void check_absolute(std::string_view text) {
  const auto absolute = taskrun::control::parse_absolute_target(text);
  if (!absolute) return;
  require(!absolute->authority.empty(), "somebody is meant");
  require(absolute->target.starts_with('/'), "what is left is a path");
}

void check_host(std::string_view text) {
  static const taskrun::control::HostNames kLoopback({"127.0.0.1", 1}, {"node-1"});
  static const taskrun::control::HostNames kEverywhere({"0.0.0.0", 1}, {"node-1"});
  const bool is_ours = kLoopback.has(text);
  require(!is_ours || kEverywhere.has(text), "a name of the loopback is one everywhere");
  require(!is_ours || text.find_first_of("/@ \t\r\n") == std::string_view::npos, "a name of ours is a name");
}

void check_address(std::string_view text) {
  const auto address = taskrun::sys::parse_tcp_address(text);
  if (!address) return require(!address.error().message.empty(), "a mistake has a message");
  const auto same = taskrun::sys::parse_tcp_address(address->text());
  require(same && same->ip == address->ip && same->port == address->port, "an address reads back as itself");
}

// The whole at once and byte by byte come to the same, but that a mistake may be seen later where the head is not
// complete yet.
void check_request(const std::string& bytes) {
  RequestReader whole;
  std::string rest = bytes;
  const auto state = whole.feed(rest);
  RequestReader pieces;
  auto cut = RequestReader::State::reading;
  std::string fed;
  for (std::size_t at = 0; at < bytes.size() && cut == RequestReader::State::reading; ++at) {
    fed += bytes[at];
    cut = pieces.feed(fed);
  }
  const bool is_seen_later = state == RequestReader::State::rejected && cut == RequestReader::State::reading;
  require(state == cut || is_seen_later, "where a request is cut makes no difference");
  if (state == RequestReader::State::rejected) {
    require(whole.rejection().status >= 400 && !whole.rejection().message.empty(), "a rejection says why");
  }
  if (state != RequestReader::State::complete) return;
  const auto request = whole.take_request();
  const auto same = pieces.take_request();
  require(request.method == same.method && request.target == same.target && request.body == same.body,
          "nor does it change the request");
  check_target(request.target);
  for (const std::string& host : request.hosts) check_host(host);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(taskrun::fuzz::as_text(bytes, size));
  check_target(text);
  check_absolute(text);
  check_host(text);
  check_address(text);
  check_request(text);
  return 0;
}
