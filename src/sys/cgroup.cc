#include "sys/cgroup.h"

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/kernel_file.h"

namespace taskrun::sys {
namespace {

std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

// mountinfo writes blanks, tabs, newlines and backslashes of a path as \ooo.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '\\' && i + 3 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 4, code, 8).ptr == text.data() + i + 4) {
      out += static_cast<char>(code);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Mount {
  std::string root;  // the part of the hierarchy that is mounted
  std::string point;
};

// proc_pid_mountinfo(5): id, parent, device, root, mount point, options, optional fields, "-", type, …
std::optional<Mount> parse_mount(std::string_view line) {
  for (int skipped = 0; skipped < 3; ++skipped) take_until(line, ' ');
  Mount mount;
  mount.root = unescape(take_until(line, ' '));
  mount.point = unescape(take_until(line, ' '));
  while (!line.empty() && take_until(line, ' ') != "-") {
  }
  if (take_until(line, ' ') != "cgroup2") return std::nullopt;
  return mount;
}

// The line of version 2 is "0::/PATH".
std::string membership_path(std::string_view membership) {
  while (!membership.empty()) {
    const std::string_view line = take_until(membership, '\n');
    if (line.starts_with("0::")) return std::string(line.substr(3));
  }
  return "";
}

// The directory of the group `path` within a mount; "" where that mount does not show it.
std::string directory_in(const Mount& mount, const std::string& path) {
  if (path.starts_with("/..")) return "";
  if (mount.root == "/") return mount.point + (path == "/" ? "" : path);
  if (path == mount.root) return mount.point;
  if (path.starts_with(mount.root + "/")) return mount.point + path.substr(mount.root.size());
  return "";
}

void append_processes(const std::string& path, std::vector<pid_t>& pids) {
  const auto text = read_kernel_file(AT_FDCWD, (path + "/cgroup.procs").c_str());
  std::string_view rest = text ? std::string_view(*text) : "";
  while (!rest.empty()) {
    const std::string_view line = take_until(rest, '\n');
    pid_t pid = 0;
    std::from_chars(line.data(), line.data() + line.size(), pid);
    if (pid > 0) pids.push_back(pid);
  }
  for (const std::string& below : groups_below(path)) append_processes(below, pids);
}

Result<void> remove_tree(const std::string& path) {
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  const int code = errno;
  const auto below = groups_below(path);
  for (const std::string& group : below) {
    if (auto removed = remove_tree(group); !removed) return removed;
  }
  if (!below.empty() && rmdir(path.c_str()) == 0) return {};
  return fail_errno("cannot remove '" + path + "'", below.empty() ? code : errno);
}

}  // namespace

std::string own_cgroup_of(std::string_view mountinfo, std::string_view membership) {
  const std::string path = membership_path(membership);
  while (!path.empty() && !mountinfo.empty()) {
    const auto mount = parse_mount(take_until(mountinfo, '\n'));
    const std::string directory = mount ? directory_in(*mount, path) : "";
    if (!directory.empty()) return directory;
  }
  return "";
}

Result<std::string> find_own_cgroup() {
  const auto mountinfo = read_kernel_file(AT_FDCWD, "/proc/self/mountinfo");
  const auto membership = read_kernel_file(AT_FDCWD, "/proc/self/cgroup");
  std::string path = own_cgroup_of(mountinfo.value_or(""), membership.value_or(""));
  if (path.empty()) return fail("no cgroup v2 hierarchy is mounted", ENOENT);
  return path;
}

Result<Cgroup> Cgroup::make(const std::string& path) {
  if (mkdir(path.c_str(), 0755) != 0) return fail_errno("cannot make the cgroup '" + path + "'", errno);
  return open(path);
}

Result<Cgroup> Cgroup::open(const std::string& path) {
  auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return tl::unexpected(directory.error());
  return Cgroup(path, std::move(*directory));
}

bool Cgroup::is_populated() {
  if (!events_) events_ = Fd(openat(fd(), "cgroup.events", O_RDONLY | O_CLOEXEC));
  return reread_kernel_file(events_.get(), buffer_).find("populated 0") == std::string_view::npos;
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> pids;
  append_processes(path_, pids);
  return pids;
}

Result<void> Cgroup::kill() const { return write("cgroup.kill", "1"); }

Result<void> Cgroup::write(const char* file, std::string_view text) const {
  return write_kernel_file(fd(), file, text);
}

std::uint64_t Cgroup::count_in(const char* file, std::string_view key) const {
  const auto text = read_kernel_file(fd(), file);
  std::string_view rest = text ? std::string_view(*text) : "";
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    if (take_until(line, ' ') != key) continue;
    std::uint64_t count = 0;
    std::from_chars(line.data(), line.data() + line.size(), count);
    return count;
  }
  return 0;
}

Result<void> Cgroup::remove() const { return remove_tree(path_); }

std::vector<std::string> groups_below(const std::string& path) {
  std::vector<std::string> below;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (std::error_code ignored; entry->is_directory(ignored)) below.push_back(entry->path().string());
  }
  return below;
}

}  // namespace taskrun::sys
