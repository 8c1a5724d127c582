#include "cli/socket_place.h"

#include <map>
#include <string>

#include <doctest/doctest.h>

namespace taskrun::cli {
namespace {

using Variables = std::map<std::string, std::string>;

std::string path(const Variables& variables, uid_t user = 1000, const std::optional<std::string>& asked = {}) {
  const auto variable = [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return socket_path(asked, "web", {variable, user == 0, user});
}

TEST_CASE("A socket is looked for in one order") {
  const Variables all{{"RUNTIME_DIRECTORY", "/run/a:/run/b"}, {"XDG_RUNTIME_DIR", "/run/user/1000"}};
  CHECK(path(all, 1000, "/srv/x/../own.sock") == "/srv/own.sock");
  CHECK(path(all) == "/run/a/web.sock");
  CHECK(path({{"XDG_RUNTIME_DIR", "/run/user/1000"}}) == "/run/user/1000/taskrun/web.sock");
  CHECK(path({}, 0) == "/run/taskrun/web.sock");
  CHECK(path({}) == "/tmp/taskrun-1000/web.sock");
}

TEST_CASE(
    "Clients look wherever a runner may have been started, but a service's own place is the only one of a service") {
  const StateSurroundings root{[](const char* name) -> std::optional<std::string> {
                                 return std::string(name) == "XDG_RUNTIME_DIR" ? std::optional("/x") : std::nullopt;
                               },
                               true, 0};
  CHECK(socket_directories(root) == std::vector<std::string>{"/x/taskrun", "/run/taskrun", "/tmp/taskrun-0"});
  const StateSurroundings service{[](const char*) { return std::optional<std::string>("/run/a:/run/b"); }, true, 0};
  CHECK(socket_directories(service) == std::vector<std::string>{"/run/a"});
}

TEST_CASE("A variable without an absolute path counts as unset") {
  CHECK(path({{"RUNTIME_DIRECTORY", "run"}, {"XDG_RUNTIME_DIR", ""}}) == "/tmp/taskrun-1000/web.sock");
}

}  // namespace
}  // namespace taskrun::cli
