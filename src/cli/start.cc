#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/runner.h"
#include "cli/socket_place.h"
#include "cli/state_directory.h"

namespace taskrun::cli {
namespace {

// Last of all, so that a start that is refused leaves nothing on disk.
RunnerPlan with_state(RunnerPlan planned, const StartOptions& options) {
  auto* const runner = std::get_if<daemon::Options>(&planned);
  if (runner == nullptr) return planned;
  StateOpening state = open_state(options, runner->instance);
  const std::string message = printable(state.message);
  if (state.is_refused) return Refusal{kCannotCreate, message};
  if (!message.empty()) {
    tell(fmt::format("taskrun start: warning: {}; nothing is kept over a restart (--no-state says so)\n", message));
  }
  runner->state_directory = std::move(state.directory);
  runner->state_trouble = std::move(state.message);
  return planned;
}

RunnerPlan with_socket(RunnerPlan planned, const StartOptions& options) {
  auto* const runner = std::get_if<daemon::Options>(&planned);
  if (runner == nullptr) return planned;
  SocketPlace place = prepare_socket(options.socket, runner->instance);
  if (!place.message.empty()) {
    tell(
        fmt::format("taskrun start: warning: {}; this runner cannot be asked anything (--socket names another place)\n",
                    printable(place.message)));
  }
  runner->socket = std::move(place.path);
  runner->needs_socket = options.socket.has_value();
  return planned;
}

}  // namespace

int start(const StartOptions& options) {
  return become_runner("start", options.runner, [&](ManifestReading reading) {
    return with_socket(with_state(plan(options, std::move(reading)), options), options);
  });
}

}  // namespace taskrun::cli
