#include "daemon/instance.h"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/text.h"

namespace taskrun::daemon {
namespace {

// Between taking a lock and writing into it lies a moment; whoever loses in it waits for the name.
constexpr int kLooks = 200;
constexpr auto kMoment = std::chrono::milliseconds(5);

// `what` is held by a lock at `path`, in words.
Result<sys::LockFile> take(const std::string& path, const std::string& what) {
  const std::string holder = fmt::format("pid {} (its keeper is {})", ::getpid(), ::getppid());
  for (int looks = 1;; ++looks) {
    auto lock = sys::LockFile::take(path, holder);
    if (lock || lock.error().code != EWOULDBLOCK) return lock;
    if (lock.error().message.empty() && looks < kLooks) {
      std::this_thread::sleep_for(kMoment);
      continue;
    }
    return fail(fmt::format("another runner holds {}: {}", what, lock.error().message), EWOULDBLOCK);
  }
}

std::string instance_of(const Options& options) { return fmt::format("the instance '{}'", options.instance); }

// A socket that was asked for may be that of an instance of any name.
std::string socket_of(const Options& options) {
  return options.needs_socket ? fmt::format("the socket '{}'", printable(options.socket)) : instance_of(options);
}

Result<void> open_socket(Instance& instance, const Options& options) {
  auto lock = take(options.socket + ".lock", socket_of(options));
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
    auto lock = take(options.state_directory + "/lock", instance_of(options));
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
