#include "control/dispatch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "control/answer_json.h"

namespace taskrun::control {
namespace {

constexpr std::string_view kOpenMethods = "GET, HEAD";

bool is_place(std::string_view part) { return part.starts_with('{'); }

// What stands in the pattern's place ("" where it has none), or nothing where the path is another.
std::optional<std::string> match(std::string_view pattern, const std::vector<std::string>& path) {
  std::string segment;
  pattern.remove_prefix(1);
  for (std::size_t index = 0; index < path.size(); ++index) {
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    const std::string_view part = pattern.substr(0, end);
    if (is_place(part)) {
      segment = path[index];
    } else if (part != path[index]) {
      return std::nullopt;
    }
    const bool is_last = index + 1 == path.size();
    if (is_last != (end == pattern.size())) return std::nullopt;
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return segment;
}

bool is_there(const Route& route, Origin origin) { return route.is_open || origin == Origin::socket; }

bool takes(const Route& route, std::string_view method) {
  return route.method == method || (route.is_open && method == "HEAD");
}

// Methods of the routes with this path, for Allow.
std::string methods_of(const std::vector<std::string>& path) {
  std::string methods;
  for (const Route& route : routes()) {
    if (!match(route.pattern, path)) continue;
    if (!methods.empty()) methods += ", ";
    methods += route.is_open ? kOpenMethods : route.method;
  }
  return methods;
}

Reply bad_request(std::string_view message) { return {400, error_json("bad_request", message)}; }

Reply not_found(const Request& request) {
  return {404, error_json("not_found", fmt::format("there is nothing at '{}'", printable(request.target)))};
}

Reply method_not_allowed(const Request& request, std::string_view methods) {
  const auto message = fmt::format("'{}' takes {}", printable(request.target), methods);
  return {405, error_json("method_not_allowed", message), std::string(methods)};
}

Reply no_route(const Request& request, const Call& call) {
  const std::string methods = call.origin == Origin::socket ? methods_of(call.target.path) : "";
  return methods.empty() ? not_found(request) : method_not_allowed(request, methods);
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

// Reads the query, where the route looks at it, and says what is wrong.
std::optional<std::string> read_rest(const Route& route, const Request& request, Call& call) {
  if (!route.is_open) {
    auto target = parse_target(request.target);
    if (!target) return target.error().message;
    call.target = *std::move(target);
  }
  for (const auto& [name, value] : call.target.query) {
    if (std::ranges::find(route.parameters, name, &RouteParameter::name) == route.parameters.end()) {
      return fmt::format("there is no parameter '{}' here", printable(name));
    }
  }
  if (route.body.empty() && !call.body.empty()) return "this takes no body";
  return std::nullopt;
}

}  // namespace

void serve(const Request& request, Call call) {
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  const bool is_outside = call.origin == Origin::network;
  if (is_outside && !is_read) return call.reply(method_not_allowed(request, kOpenMethods));
  auto target = parse_target(path_of(request.target));
  // What no path of ours can be is nowhere; what is wrong with it is nobody's business out there.
  if (!target && is_outside) return call.reply(not_found(request));
  if (!target) return call.reply(bad_request(target.error().message));
  call.target = *std::move(target);
  call.body = request.body;
  call.accept = request.accept;
  for (const Route& route : routes()) {
    if (!takes(route, request.method) || !is_there(route, call.origin)) continue;
    auto segment = match(route.pattern, call.target.path);
    if (!segment) continue;
    call.segment = *std::move(segment);
    if (const auto mistake = read_rest(route, request, call)) return call.reply(bad_request(*mistake));
    return route.serve(call);
  }
  call.reply(no_route(request, call));
}

}  // namespace taskrun::control
