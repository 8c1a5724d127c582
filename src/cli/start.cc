#include <utility>

#include "cli/run.h"
#include "cli/runner.h"

namespace taskrun::cli {

int start(const StartOptions& options) {
  return become_runner("start", options.runner,
                       [&](ManifestReading reading) { return plan(options, std::move(reading)); });
}

}  // namespace taskrun::cli
