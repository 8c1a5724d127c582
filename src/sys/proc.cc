#include "sys/proc.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include "sys/kernel_file.h"

namespace taskrun::sys {
namespace {

// /proc, if it is that of our PID namespace. It is not where somebody made a namespace and forgot to mount it anew
// (`unshare --pid --fork`): then its numbers are not those that our system calls take, and a /proc of our own is made,
// which is mounted nowhere. None where that is refused.
Fd open_proc() {
  char self[32];
  const ssize_t length = readlink("/proc/self", self, sizeof self);
  if (length > 0 && std::string_view(self, static_cast<std::size_t>(length)) == std::to_string(getpid())) {
    return Fd(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  const Fd context(fsopen("proc", FSOPEN_CLOEXEC));
  if (!context || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return Fd();
  return Fd(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

// Kept open, and opened anew by a child of the process that did: it may have come into another namespace.
int proc() {
  static pid_t owner = 0;
  static Fd directory;
  if (owner != getpid()) {
    directory = open_proc();
    owner = getpid();
  }
  return directory.get();
}

std::optional<std::string> read_of(pid_t pid, const char* name) {
  return read_kernel_file(proc(), fmt::format("{}/{}", pid, name).c_str());
}

// The next number of a list separated by blanks; nothing at its end.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

void append_numbers(std::string_view text, std::vector<pid_t>& pids) {
  while (const auto pid = take_number<pid_t>(text)) pids.push_back(*pid);
}

// Calls `visit` with the name of each entry of a directory below /proc that is a number.
template <class Visit>
void for_each_number_in(const std::string& directory, Visit visit) {
  Fd opened(openat(proc(), directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* listing = opened ? fdopendir(opened.get()) : nullptr;
  if (listing == nullptr) return;
  static_cast<void>(opened.release());
  while (const dirent* entry = readdir(listing)) {
    std::string_view name(entry->d_name);
    if (const auto number = take_number<pid_t>(name); number && name.empty()) visit(*number);
  }
  closedir(listing);
}

void append_by_asking_all(pid_t parent, std::vector<pid_t>& pids) {
  for_each_number_in(".", [&](pid_t pid) {
    const auto stat = read_stat(pid);
    if (stat && stat->parent == parent) pids.push_back(pid);
  });
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
  ProcessStat stat;
  const auto pid = take_number<pid_t>(text);
  const auto name_end = text.rfind(')');
  if (!pid || name_end == std::string_view::npos || text.size() < name_end + 4) return std::nullopt;
  stat.pid = *pid;
  stat.state = text[name_end + 2];
  text.remove_prefix(name_end + 3);
  std::array<std::uint64_t, 19> fields{};  // the fourth (parent) to the 22nd (start) of proc(5)
  for (std::uint64_t& field : fields) {
    const auto value = take_number<std::int64_t>(text);
    if (!value) return std::nullopt;
    field = static_cast<std::uint64_t>(*value);
  }
  stat.parent = static_cast<pid_t>(fields[0]);
  stat.group = static_cast<pid_t>(fields[1]);
  stat.session = static_cast<pid_t>(fields[2]);
  stat.started = fields[18];
  return stat;
}

std::optional<ProcessStat> read_stat(pid_t pid) {
  const auto text = read_of(pid, "stat");
  return text ? parse_stat(*text) : std::nullopt;
}

std::uint64_t ticks_since_boot(BootTime time) {
  static const auto kTick = std::chrono::nanoseconds(std::chrono::seconds(1)) / sysconf(_SC_CLK_TCK);
  return static_cast<std::uint64_t>(time.time_since_epoch() / kTick);
}

std::optional<std::string> read_environment(pid_t pid) { return read_of(pid, "environ"); }

std::optional<std::string_view> find_variable(std::string_view environment, std::string_view name) {
  while (!environment.empty()) {
    const std::string_view entry = environment.substr(0, environment.find('\0'));
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
    environment.remove_prefix(std::min(entry.size() + 1, environment.size()));
  }
  return std::nullopt;
}

std::vector<ino_t> open_pipes(pid_t pid) {
  constexpr std::string_view kPrefix = "pipe:[";
  std::vector<ino_t> inodes;
  const std::string directory = fmt::format("{}/fd", pid);
  for_each_number_in(directory, [&](pid_t fd) {
    char target[64];
    const ssize_t length = readlinkat(proc(), fmt::format("{}/{}", directory, fd).c_str(), target, sizeof target);
    std::string_view text(target, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    if (!text.starts_with(kPrefix)) return;
    text.remove_prefix(kPrefix.size());
    if (const auto inode = take_number<ino_t>(text)) inodes.push_back(*inode);
  });
  return inodes;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> pids;
  bool told = false;
  const std::string directory = fmt::format("{}/task", pid);
  for_each_number_in(directory, [&](pid_t thread) {
    const auto text = read_kernel_file(proc(), fmt::format("{}/{}/children", directory, thread).c_str());
    if (!text) return;
    told = true;
    append_numbers(*text, pids);
  });
  if (!told) append_by_asking_all(pid, pids);
  return pids;
}

Result<OwnChildren> OwnChildren::make() {
  if (!read_stat(getpid())) return fail("'/proc' is not mounted, or not for our PID namespace");
  Fd file(openat(proc(), fmt::format("{0}/task/{0}/children", getpid()).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno != ENOENT) return fail_errno("cannot list the children of this process", errno);
  return OwnChildren(std::move(file));
}

const std::vector<pid_t>& OwnChildren::list() {
  pids_.clear();
  if (file_) {
    append_numbers(reread_kernel_file(file_.get(), buffer_), pids_);
  } else {
    append_by_asking_all(getpid(), pids_);
  }
  return pids_;
}

}  // namespace taskrun::sys
