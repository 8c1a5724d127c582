#include "cli/runner.h"

#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/log.h"
#include "cli/terminal.h"
#include "daemon/run.h"
#include "process/keeper.h"

namespace taskrun::cli {

int become_runner(std::string_view command, const RunnerOptions& options,
                  const std::function<RunnerPlan(ManifestReading)>& plan, const IsWarnedOf& is_warned_of) {
  const auto daemon = [&](sys::Fd keeper) {
    ManifestReading reading = read_manifest(options.manifest, is_warned_of);
    const std::string remarks = told(reading, terminal_at(STDERR_FILENO));
    if (reading.exit_code != kDone) {
      tell(remarks);
      return reading.exit_code;
    }
    RunnerPlan planned = plan(std::move(reading));
    if (const auto* const refusal = std::get_if<Refusal>(&planned)) {
      return give_up(fmt::format("taskrun {}: {}\n", command, refusal->message), refusal->exit_code);
    }
    tell(remarks);
    log_to_stderr();
    return daemon::run(std::get<daemon::Options>(std::move(planned)), options.containment, std::move(keeper));
  };
  const Result<int> code = process::run_kept(daemon);
  return code ? *code : give_up(fmt::format("taskrun {}: {}\n", command, code.error().message), kInternal);
}

}  // namespace taskrun::cli
