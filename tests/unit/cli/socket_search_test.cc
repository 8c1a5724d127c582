#include "cli/socket_search.h"

#include <map>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"
#include "sys/unix_socket.h"

namespace fs = std::filesystem;
using namespace taskrun;
using namespace taskrun::cli;

namespace {

// As a user who is not root, so that whose directory it is counts.
SocketSearch search(const Place& place, unsigned user = ::geteuid()) {
  const std::string directory = place.root().string();
  const auto variable = [directory](const char* name) {
    return std::string(name) == "RUNTIME_DIRECTORY" ? std::optional(directory) : std::nullopt;
  };
  return search_sockets({variable, false, user});
}

}  // namespace

TEST_CASE("a socket counts where somebody listens on it") {
  const Place place;
  const auto first = sys::UnixListener::open("web.sock");
  const auto second = sys::UnixListener::open("accounts.sock");
  REQUIRE((first && second));
  {
    const auto dead = sys::UnixListener::open("dead.sock.was");
  }
  Place::write("file.sock", "no socket");
  fs::create_symlink("nowhere", "link.sock");
  const auto hidden = sys::UnixListener::open(".sock");
  const auto found = search(place).live;
  REQUIRE(found.size() == 2);
  CHECK(found[0].instance == "accounts");
  CHECK(found[1].instance == "web");
  CHECK(found[1].path == (place.root() / "web.sock").string());
  CHECK(named(found, "web").size() == 1);
  CHECK(named(found, "we").empty());
}

TEST_CASE("the places that were looked at are told") {
  const Place place;
  const SocketSearch found = search(place);
  CHECK(found.looked == std::vector<std::string>{place.root().string()});
  CHECK(found.foreign.empty());
}

TEST_CASE("a directory of another user is not asked") {
  constexpr uid_t kNeighbour = 12'345;
  const Place place;
  const auto listener = sys::UnixListener::open("web.sock");
  if (::geteuid() == 0) REQUIRE(::chown(place.root().c_str(), kNeighbour, kNeighbour) == 0);
  const SocketSearch found = search(place, ::geteuid() + 1);
  CHECK(found.live.empty());
  CHECK(found.foreign == std::vector<std::string>{place.root().string()});
}

TEST_CASE("a link in the place of a directory is not followed") {
  const Place place;
  REQUIRE(fs::create_directory("real"));
  const auto listener = sys::UnixListener::open("real/x.sock");
  fs::create_symlink("real", "taskrun");
  const auto variable = [&](const char* name) {
    return std::string(name) == "XDG_RUNTIME_DIR" ? std::optional(place.root().string()) : std::nullopt;
  };
  const SocketSearch found = search_sockets({variable, true, ::geteuid()});
  CHECK(named(found.live, "x").empty());
  CHECK(found.foreign == std::vector<std::string>{(place.root() / "taskrun").string()});
}
