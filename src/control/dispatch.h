#pragma once

#include "control/http_message.h"
#include "control/routes.h"

namespace taskrun::control {

/// Finds the route, checks the parameters (an open one takes any) and serves; answers what there is no route for. To
/// the network there are only the open ones, and no method but GET and HEAD. `call` has desk, events, origin and the
/// ways to answer; the rest is filled in. A HEAD is served as a GET: to leave out the body is up to whoever writes the
/// answer.
void serve(const Request& request, Call call);

}  // namespace taskrun::control
