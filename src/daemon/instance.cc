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
  instance.listener = *std::move(listener);
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
  if (options.socket.empty()) return instance;
  const auto opened = open_socket(instance, options);
  if (opened) return instance;
  if (options.needs_socket || opened.error().code == EWOULDBLOCK) return tl::unexpected(opened.error());
  spdlog::warn("{}; this runner cannot be asked anything", opened.error().message);
  return instance;
}

}  // namespace taskrun::daemon
