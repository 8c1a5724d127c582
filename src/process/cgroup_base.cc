#include "process/cgroup_base.h"

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/proc.h"

namespace taskrun::process {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPrefix = "taskrun-";
constexpr auto kStaleLimit = 1s;  // what was killed at a start and does not go in this time is left to the next one

std::string base_path(const std::string& own, pid_t daemon, std::uint64_t started) {
  return fmt::format("{}/{}{}-{}", own, kPrefix, daemon, started);
}

// Asked again and again: this runs at a start or an end, never beside the loop.
void await_empty(sys::Cgroup& group, Nanos limit) {
  const auto until = sys::read_clocks().mono + limit;
  while (group.is_populated() && sys::read_clocks().mono < until) poll(nullptr, 0, 2);
}

// Whether the process that a base is named after lives: asked beside the lock, for the moment between a runner's mkdir
// and its lock.
bool is_owner_alive(std::string_view name) {
  name.remove_prefix(kPrefix.size());
  pid_t pid = 0;
  std::uint64_t started = 0;
  const auto [dash, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || dash == name.data() + name.size()) return true;
  std::from_chars(dash + 1, name.data() + name.size(), started);
  const auto stat = sys::read_stat(pid);
  return stat && stat->started == started && !sys::has_ended(*stat);
}

void clear_stale_bases(const std::string& own) {
  for (const std::string& path : sys::groups_below(own)) {
    const std::string name = std::filesystem::path(path).filename().string();
    if (!name.starts_with(kPrefix) || is_owner_alive(name)) continue;
    auto base = sys::Cgroup::open(path);
    if (base && flock(base->fd(), LOCK_EX | LOCK_NB) == 0) clear_cgroup_base(*base, kStaleLimit);
  }
}

Result<void> check_own(const std::string& own) {
  // To move a process the kernel asks for this right at the group above both places.
  if (access((own + "/cgroup.procs").c_str(), W_OK) != 0)
    return fail_errno("cannot use the cgroup '" + own + "'", errno);
  return {};
}

Result<void> check_base(const sys::Cgroup& base) {
  if (flock(base.fd(), LOCK_EX | LOCK_NB) != 0) return fail_errno("cannot lock '" + base.path() + "'", errno);
  if (access((base.path() + "/cgroup.kill").c_str(), W_OK) != 0) {
    return fail("the kernel cannot kill a cgroup as a whole (before 5.14)", ENOSYS);
  }
  return {};
}

}  // namespace

Result<sys::Cgroup> make_cgroup_base() {
  const auto own = sys::find_own_cgroup();
  if (!own) return tl::unexpected(own.error());
  if (auto usable = check_own(*own); !usable) return tl::unexpected(usable.error());
  clear_stale_bases(*own);
  const auto self = sys::read_stat(getpid());
  if (!self) return fail("cannot read '/proc/self/stat'");
  auto base = sys::Cgroup::make(base_path(*own, getpid(), self->started));
  if (!base) return base;
  if (auto usable = check_base(*base); !usable) {
    static_cast<void>(base->remove());
    return tl::unexpected(usable.error());
  }
  return base;
}

void clear_cgroup_base(sys::Cgroup& base, Nanos limit) {
  if (base.is_populated()) {
    static_cast<void>(base.kill());
    await_empty(base, limit);
  }
  static_cast<void>(base.remove());
}

void clear_cgroup_base(pid_t daemon, std::uint64_t started, Nanos limit) {
  const auto own = sys::find_own_cgroup();
  auto base = own ? sys::Cgroup::open(base_path(*own, daemon, started)) : tl::unexpected(own.error());
  if (base) clear_cgroup_base(*base, limit);
}

}  // namespace taskrun::process
