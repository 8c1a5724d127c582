#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "cli/state_directory.h"

/// Where a runner listens, and its clients look for it.
namespace taskrun::cli {

/// The socket of one instance: `--socket` itself, else INSTANCE.sock in $RUNTIME_DIRECTORY (the first of several), in
/// $XDG_RUNTIME_DIR/taskrun, for root in /run/taskrun, else in /tmp/taskrun-UID. A variable that holds no absolute path
/// counts as unset.
[[nodiscard]] std::string socket_path(const std::optional<std::string>& asked, const std::string& instance,
                                      const StateSurroundings& surroundings);

/// Every directory that a socket may be in by these rules, whichever a runner has taken: the first is where one starts
/// now. $RUNTIME_DIRECTORY is said for this service alone, so where it is set it is the only one.
[[nodiscard]] std::vector<std::string> socket_directories(const StateSurroundings& surroundings);

/// What came of it. With a message and no path the runner goes on without a socket.
struct SocketPlace {
  std::string path;     ///< absolute; "" for none
  std::string message;  ///< why there is none; "" where all is well
};

/// Finds the place and makes its directory (0700, the user's own), but not the directory of a socket that was asked
/// for.
[[nodiscard]] SocketPlace prepare_socket(const std::optional<std::string>& asked, const std::string& instance);

}  // namespace taskrun::cli
