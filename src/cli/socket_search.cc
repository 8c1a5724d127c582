#include "cli/socket_search.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iterator>

#include <sys/stat.h>

#include "base/text.h"
#include "cli/socket_place.h"
#include "sys/unix_socket.h"

namespace fs = std::filesystem;

namespace taskrun::cli {
namespace {

constexpr std::string_view kEnding = ".sock";

// For a socket to take a connection: it does at once, unless its runner hangs.
constexpr std::chrono::milliseconds kProbe{100};

bool is_trusted(unsigned owner, const StateSurroundings& surroundings) {
  return surroundings.is_root || owner == surroundings.user || owner == 0;
}

enum class Ground { absent, trusted, foreign };

Ground ground_of(const std::string& directory, const StateSurroundings& surroundings) {
  struct stat status{};
  if (::lstat(directory.c_str(), &status) != 0) return Ground::absent;
  return S_ISDIR(status.st_mode) && is_trusted(status.st_uid, surroundings) ? Ground::trusted : Ground::foreign;
}

// A listener whose queue is full is one that hangs: it is there, and whoever asks it will see.
bool is_live(const std::string& path, const StateSurroundings& surroundings) {
  const auto connected = sys::connect_unix(path, kProbe);
  if (!connected) return connected.error().code == EAGAIN;
  const auto peer = sys::peer_of(connected->get());
  return peer && is_trusted(*peer, surroundings);
}

std::vector<FoundSocket> sockets_in(const std::string& directory) {
  std::vector<FoundSocket> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(kEnding)) continue;
    const std::string instance = name.substr(0, name.size() - kEnding.size());
    if (is_name(instance)) found.push_back({instance, entry->path().string()});
  }
  std::ranges::sort(found, {}, &FoundSocket::instance);
  return found;
}

}  // namespace

SocketSearch search_sockets(const StateSurroundings& surroundings) {
  SocketSearch search;
  search.looked = socket_directories(surroundings);
  for (const std::string& directory : search.looked) {
    const Ground ground = ground_of(directory, surroundings);
    if (ground == Ground::foreign) search.foreign.push_back(directory);
    if (ground != Ground::trusted) continue;
    std::ranges::copy_if(sockets_in(directory), std::back_inserter(search.live),
                         [&](const FoundSocket& socket) { return is_live(socket.path, surroundings); });
  }
  return search;
}

std::vector<FoundSocket> named(const std::vector<FoundSocket>& found, std::string_view instance) {
  std::vector<FoundSocket> out;
  std::ranges::copy_if(found, std::back_inserter(out),
                       [&](const FoundSocket& socket) { return socket.instance == instance; });
  return out;
}

}  // namespace taskrun::cli
