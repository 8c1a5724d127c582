#include <fmt/format.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "sys/fd.h"
#include "tasks/builtin.h"

namespace taskrun::cli {

int exec_builtin(const ExecBuiltinOptions& options) {
  const tasks::Builtin* const builtin = tasks::find_builtin(options.name);
  if (builtin == nullptr) {
    return give_up(fmt::format("taskrun exec-builtin: unknown built-in '{}'\n", printable(options.name)), kUsage);
  }
  const Result<std::string> arguments = sys::read_all(STDIN_FILENO, limits::kManifestSize);
  if (!arguments) {
    return give_up(fmt::format("{}: cannot read the arguments: {}\n", builtin->name, arguments.error().message),
                   kInternal);
  }
  return static_cast<int>(tasks::run(*builtin, *arguments));
}

}  // namespace taskrun::cli
