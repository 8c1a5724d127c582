#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/desk.h"
#include "control/event_ring.h"
#include "control/http_message.h"
#include "control/origin.h"
#include "control/target.h"

/// What can be asked over the socket: one table. The server serves it; docs/control.md and the OpenAPI document are
/// made from it.
namespace taskrun::control {

/// One request on its way through a route.
struct Call {
  Desk& desk;
  const EventRing& events;
  Origin origin;
  Target target;
  std::string segment;  ///< what stands in the place of {task} or {run}
  std::string body;
  std::string accept;  ///< see Request
  // One of the three is called, once, now or later.
  std::function<void(Reply)> reply;
  std::function<void(EventCursor)> stream;  ///< event lines from here on
  /// A large answer, 200: what its body begins with, and what is asked for the next piece, each in a turn of its own,
  /// until it answers "".
  std::function<void(Reply first, std::function<std::string()> next)> reply_in_pieces;
};

struct RouteParameter {
  std::string_view name;
  std::string_view type;  ///< "boolean", "integer", "string"
  std::string_view meaning;
};

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< with {task} or {run}
  std::string_view summary;
  std::span<const RouteParameter> parameters;
  std::string_view body;    ///< the shape of the request's body (shapes.h); "" for none
  unsigned status;          ///< of the answer
  std::string_view answer;  ///< its shape; "" for a stream of event lines; kMetricsAnswer
  std::span<const Refusal> refusals;
  void (*serve)(const Call& call);
  /// Of GET: also to the network, and by HEAD. A query is not looked at, for scrape configurations may add one.
  bool is_open = false;
};

/// The answer that is no JSON but what the metrics are in: plain text of one kind or the other.
inline constexpr std::string_view kMetricsAnswer = "metrics";

/// In the order of the reference. Views into static storage.
[[nodiscard]] std::span<const Route> routes();

[[nodiscard]] unsigned status_of(Refusal reason);

}  // namespace taskrun::control
