#include <utility>

#include "cli/run.h"
#include "cli/runner.h"

namespace taskrun::cli {

int once(const OnceOptions& options) {
  return become_runner("once", options.runner,
                       [&](ManifestReading reading) { return plan(options, std::move(reading)); });
}

}  // namespace taskrun::cli
