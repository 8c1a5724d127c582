#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/state_directory.h"

/// Which runners are there: every socket in the places that runners use (socket_place.h) behind which somebody listens.
namespace taskrun::cli {

struct FoundSocket {
  std::string instance;  ///< from the file's name
  std::string path;
};

struct SocketSearch {
  std::vector<FoundSocket> live;     ///< by directory, then by name
  std::vector<std::string> looked;   ///< the directories, whether they are there or not
  std::vector<std::string> foreign;  ///< those of them that are not asked: they belong to another user, or are links
};

/// Asks nothing, only connects. A user's own directories and root's are trusted; root trusts everybody's. A socket
/// whose listener is not trusted counts as not there.
[[nodiscard]] SocketSearch search_sockets(const StateSurroundings& surroundings);

/// Those of one name.
[[nodiscard]] std::vector<FoundSocket> named(const std::vector<FoundSocket>& found, std::string_view instance);

}  // namespace taskrun::cli
