#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/task_spec.h"

namespace taskrun::process {

/// Everything about one process start, decided beforehand: nothing below looks at a TaskSpec.
struct Launch {
  /// At least one; argv[0] is looked up in the PATH of `environment` unless it holds a slash.
  std::vector<std::string> argv;
  /// "NAME=value"; together with `inherited` complete, and no name twice. Holds TASKRUN_RUN_ID, TASKRUN_ATTEMPT and,
  /// for a hook, TASKRUN_HOOK: with them a process that escaped its session is known as ours.
  std::vector<std::string> environment;
  /// The variables that many launches share, the same way spelled; not owned, they outlive the start.
  std::vector<const char*> inherited;
  std::string cwd;  ///< "" for the runner's
  std::optional<unsigned> umask;
  std::string user;  ///< name or number; "" for the runner's
  std::string group;
  std::optional<int> nice;
  ResourceLimits limits;
  std::optional<std::string> stdin_text;  ///< none: /dev/null
  OutputPolicy output;
  bool tee = false;     ///< also hand every chunk to Listener::on_chunk as it comes, whatever the mode
  bool result = false;  ///< open descriptor 3 for the result
  Leftovers leftovers = Leftovers::kill;
};

}  // namespace taskrun::process
