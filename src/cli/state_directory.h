#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/options.h"

/// Where a runner keeps what it must still know after a restart.
namespace taskrun::cli {

/// What of the world the place depends on.
struct StateSurroundings {
  std::function<std::optional<std::string>(const char* name)> variable;
  bool is_root = false;
  unsigned user = 0;
};

/// Of this process.
[[nodiscard]] StateSurroundings this_surroundings();

/// The absolute path that a variable holds, the first of several between colons, as systemd gives them; else nothing.
[[nodiscard]] std::optional<std::string> path_in(const StateSurroundings& surroundings, const char* name);

/// The directory of one instance: below `--state`, else $STATE_DIRECTORY (the first of several), else
/// $XDG_STATE_HOME/taskrun, else for root /var/lib/taskrun, else ~/.local/state/taskrun. A variable that holds no
/// absolute path counts as unset. An error where there is no such place at all.
[[nodiscard]] Result<std::string> state_directory(const std::optional<std::string>& asked, const std::string& instance,
                                                  const StateSurroundings& surroundings);

/// What came of it. With a message and no directory the runner goes on without, unless it is refused.
struct StateOpening {
  std::string directory;  ///< absolute; "" for none
  std::string message;    ///< why there is none; "" where none was wanted
  bool is_refused = false;
};

/// Finds and makes the directory (0700, the user's own). One that was asked for by `--state` and cannot be made is
/// refused; any other only missed.
[[nodiscard]] StateOpening open_state(const StartOptions& options, const std::string& instance);

}  // namespace taskrun::cli
