#include "cli/socket_place.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "sys/private_directory.h"

namespace fs = std::filesystem;

namespace taskrun::cli {
namespace {

fs::path directory_of(const StateSurroundings& surroundings) {
  if (auto path = path_in(surroundings, "RUNTIME_DIRECTORY")) return *path;
  if (auto path = path_in(surroundings, "XDG_RUNTIME_DIR")) return fs::path(*path) / "taskrun";
  if (surroundings.user == 0) return "/run/taskrun";
  return fmt::format("/tmp/taskrun-{}", surroundings.user);
}

}  // namespace

std::string socket_path(const std::optional<std::string>& asked, const std::string& instance,
                        const StateSurroundings& surroundings) {
  if (asked) return fs::absolute(*asked).lexically_normal().string();
  return (directory_of(surroundings) / (instance + ".sock")).lexically_normal().string();
}

SocketPlace prepare_socket(const std::optional<std::string>& asked, const std::string& instance) {
  std::string path = socket_path(asked, instance, this_surroundings());
  if (asked) return {std::move(path), ""};
  const Result<void> made = sys::make_private_directory(fs::path(path).parent_path().string());
  return made ? SocketPlace{std::move(path), ""} : SocketPlace{"", made.error().message};
}

}  // namespace taskrun::cli
