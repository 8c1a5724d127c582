#include "daemon/instance.h"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace taskrun::daemon {
namespace {

// Between taking a lock and writing into it lies a moment; whoever loses in it waits for the name.
constexpr int kLooks = 200;
constexpr auto kMoment = std::chrono::milliseconds(5);

Result<sys::LockFile> take(const std::string& path, const std::string& instance) {
  const std::string holder = fmt::format("pid {} (its keeper is {})", ::getpid(), ::getppid());
  for (int looks = 1;; ++looks) {
    auto lock = sys::LockFile::take(path, holder);
    if (lock || lock.error().code != EWOULDBLOCK) return lock;
    if (lock.error().message.empty() && looks < kLooks) {
      std::this_thread::sleep_for(kMoment);
      continue;
    }
    return fail(fmt::format("another runner holds the instance '{}': {}", instance, lock.error().message), EWOULDBLOCK);
  }
}

Result<void> open_socket(Instance& instance, const Options& options) {
  auto lock = take(options.socket + ".lock", options.instance);
  if (!lock) return tl::unexpected(lock.error());
  instance.socket_lock = *std::move(lock);
  auto listener = sys::UnixListener::open(options.socket);
  if (!listener) return tl::unexpected(listener.error());
  instance.listeners.socket = *std::move(listener);
  return {};
}

Result<void> open_socket_if_any(Instance& instance, const Options& options) {
  if (options.socket.empty()) return {};
  auto opened = open_socket(instance, options);
  if (opened || options.needs_socket || opened.error().code == EWOULDBLOCK) return opened;
  spdlog::warn("{}; this runner cannot be asked anything", opened.error().message);
  return {};
}

}  // namespace

Result<Instance> hold_instance(const Options& options) {
  Instance instance;
  if (!options.state_directory.empty()) {
    auto lock = take(options.state_directory + "/lock", options.instance);
    if (!lock) return tl::unexpected(lock.error());
    instance.state_lock = *std::move(lock);
  }
  if (auto opened = open_socket_if_any(instance, options); !opened) return tl::unexpected(opened.error());
  if (!options.http) return instance;
  auto http = sys::TcpListener::open(*options.http);
  if (!http) return tl::unexpected(http.error());
  instance.listeners.http = *std::move(http);
  return instance;
}

}  // namespace taskrun::daemon
