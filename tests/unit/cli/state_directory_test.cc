#include "cli/state_directory.h"

#include <cstdlib>
#include <map>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "place.h"

namespace fs = std::filesystem;
using namespace taskrun;
using namespace taskrun::cli;

namespace {

using Setting = std::map<std::string, std::string>;

// The place of instance "jobs", or why there is none.
std::string place(Setting variables, bool is_root = false, const std::optional<std::string>& asked = {}) {
  const auto variable = [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found != variables.end() ? std::optional(found->second) : std::nullopt;
  };
  const Result<std::string> path = state_directory(asked, "jobs", {variable, is_root});
  return path ? *path : path.error().message;
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

StartOptions asking(const fs::path& path) {
  StartOptions options;
  options.state = path.string();
  return options;
}

}  // namespace

TEST_CASE("the flag wins, then systemd's directory, then the XDG one, then the system's or the user's") {
  const Setting all{{"STATE_DIRECTORY", "/systemd"}, {"XDG_STATE_HOME", "/xdg"}, {"HOME", "/home/me"}};
  CHECK(place(all, true, "/asked") == "/asked/jobs");
  CHECK(place(all, true) == "/systemd/jobs");
  CHECK(place({{"XDG_STATE_HOME", "/xdg"}, {"HOME", "/home/me"}}, true) == "/xdg/taskrun/jobs");
  CHECK(place({{"HOME", "/home/me"}}, true) == "/var/lib/taskrun/jobs");
  CHECK(place({{"HOME", "/home/me"}}) == "/home/me/.local/state/taskrun/jobs");
}

TEST_CASE("a variable that holds no absolute path counts as unset, of several paths the first is taken") {
  CHECK(place({{"STATE_DIRECTORY", "/a:/b"}}) == "/a/jobs");
  CHECK(place({{"STATE_DIRECTORY", ""}, {"XDG_STATE_HOME", "x"}, {"HOME", "/h"}}) == "/h/.local/state/taskrun/jobs");
  CHECK(place({}) == "there is no place for state: HOME is not set (--state names one)");
}

TEST_CASE("a relative directory is meant from the working directory, and told whole") {
  const Place here;
  CHECK(place({}, false, "s") == (here.root() / "s/jobs").string());
}

TEST_CASE("the directory is made with what is above it, for its owner only") {
  const Place here;
  const StateOpening state = open_state(asking("a/b"), "jobs");
  CHECK(state.directory == (here.root() / "a/b/jobs").string());
  CHECK(state.message == "");
  for (const char* const made : {"a", "a/b", "a/b/jobs"}) CHECK(mode_of(made) == 0700);
  CHECK(open_state(asking("a/b"), "jobs").directory == state.directory);
}

TEST_CASE("one that cannot be made is refused where it was asked for, else only missed") {
  const Place here;
  Place::write("file", "");
  const std::string told = "cannot make the directory '" + (here.root() / "file/jobs").string() + "': Not a directory";
  const StateOpening refused = open_state(asking("file"), "jobs");
  CHECK(refused.message == told);
  CHECK(refused.is_refused);
  ::setenv("STATE_DIRECTORY", (here.root() / "file").c_str(), 1);
  const StateOpening missed = open_state(StartOptions{}, "jobs");
  ::unsetenv("STATE_DIRECTORY");
  CHECK(missed.message == told);
  CHECK_FALSE(missed.is_refused);
  CHECK(missed.directory == "");
}

TEST_CASE("without state nothing is made and nothing is said") {
  StartOptions options;
  options.no_state = true;
  const StateOpening state = open_state(options, "jobs");
  CHECK(state.directory == "");
  CHECK(state.message == "");
  CHECK_FALSE(state.is_refused);
}
