#include "cli/state_directory.h"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "sys/private_directory.h"

namespace fs = std::filesystem;

namespace taskrun::cli {
namespace {

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

Result<fs::path> root_of(const StateSurroundings& surroundings) {
  if (auto path = path_in(surroundings, "STATE_DIRECTORY")) return fs::path(*path);
  if (auto path = path_in(surroundings, "XDG_STATE_HOME")) return fs::path(*path) / "taskrun";
  if (surroundings.is_root) return fs::path("/var/lib/taskrun");
  if (auto path = path_in(surroundings, "HOME")) return fs::path(*path) / ".local/state/taskrun";
  return fail("there is no place for state: HOME is not set (--state names one)");
}

}  // namespace

StateSurroundings this_surroundings() { return {variable, ::geteuid() == 0, ::geteuid()}; }

std::optional<std::string> path_in(const StateSurroundings& surroundings, const char* name) {
  const std::string value = surroundings.variable(name).value_or("");
  std::string path = value.substr(0, value.find(':'));
  if (!fs::path(path).is_absolute()) return std::nullopt;
  return path;
}

Result<std::string> state_directory(const std::optional<std::string>& asked, const std::string& instance,
                                    const StateSurroundings& surroundings) {
  if (asked) return (fs::absolute(*asked) / instance).lexically_normal().string();
  const Result<fs::path> root = root_of(surroundings);
  if (!root) return tl::unexpected(root.error());
  return (*root / instance).lexically_normal().string();
}

StateOpening open_state(const StartOptions& options, const std::string& instance) {
  if (options.no_state) return {};
  const Result<std::string> path = state_directory(options.state, instance, this_surroundings());
  const Result<void> made = path ? sys::make_private_directory(*path) : tl::unexpected(path.error());
  if (made) return {*path, "", false};
  return {"", made.error().message, options.state.has_value()};
}

}  // namespace taskrun::cli
