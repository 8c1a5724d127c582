#include "cli/socket_place.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "sys/private_directory.h"

namespace fs = std::filesystem;

namespace taskrun::cli {

std::vector<std::string> socket_directories(const StateSurroundings& surroundings) {
  if (const auto path = path_in(surroundings, "RUNTIME_DIRECTORY"))
    return {fs::path(*path).lexically_normal().string()};
  std::vector<std::string> directories;
  const auto add = [&](const fs::path& path) {
    const std::string text = path.lexically_normal().string();
    if (std::ranges::find(directories, text) == directories.end()) directories.push_back(text);
  };
  if (auto path = path_in(surroundings, "XDG_RUNTIME_DIR")) add(fs::path(*path) / "taskrun");
  if (surroundings.user == 0) add("/run/taskrun");
  add(fmt::format("/tmp/taskrun-{}", surroundings.user));
  return directories;
}

std::string socket_path(const std::optional<std::string>& asked, const std::string& instance,
                        const StateSurroundings& surroundings) {
  if (asked) return fs::absolute(*asked).lexically_normal().string();
  return (fs::path(socket_directories(surroundings).front()) / (instance + ".sock")).string();
}

SocketPlace prepare_socket(const std::optional<std::string>& asked, const std::string& instance) {
  std::string path = socket_path(asked, instance, this_surroundings());
  if (asked) return {std::move(path), ""};
  const Result<void> made = sys::make_private_directory(fs::path(path).parent_path().string());
  return made ? SocketPlace{std::move(path), ""} : SocketPlace{"", made.error().message};
}

}  // namespace taskrun::cli
