// The kernel resolves a path for us without leaving the directory (openat2, Linux 5.6). Where it does not know how, or
// a sandbox forbids the call, the path is walked name by name, which is as safe: each step opens one name, no link.

#include "sys/directory.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

constexpr int kOpenFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

EntryKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return EntryKind::file;
  return S_ISDIR(mode) ? EntryKind::directory : EntryKind::other;
}

// -1 and errno ENOSYS or EPERM where the kernel or a sandbox has no openat2.
Fd open_resolved(int from, const std::string& path, Mounts mounts) {
  open_how how{};
  how.flags = static_cast<decltype(how.flags)>(kOpenFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  if (mounts == Mounts::stay) how.resolve |= RESOLVE_NO_XDEV;
  return Fd(static_cast<int>(::syscall(SYS_openat2, from, path.c_str(), &how, sizeof how)));
}

bool is_same_file_system(int a, int b) {
  struct stat first{}, second{};
  return ::fstat(a, &first) == 0 && ::fstat(b, &second) == 0 && first.st_dev == second.st_dev;
}

Fd open_walked(int from, std::string_view path, Mounts mounts) {
  Fd here(::openat(from, ".", kOpenFlags));
  while (here && !path.empty()) {
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (name == "..") return errno = EXDEV, Fd();
    Fd next(::openat(here.get(), name.c_str(), kOpenFlags));
    if (next && mounts == Mounts::stay && !is_same_file_system(from, next.get())) return errno = EXDEV, Fd();
    const int code = errno;
    here = std::move(next);
    errno = code;
  }
  return here;
}

Fd open_beneath(int from, const std::string& path, Mounts mounts) {
  Fd resolved = open_resolved(from, path, mounts);
  if (resolved || (errno != ENOSYS && errno != EPERM)) return resolved;
  return open_walked(from, path, mounts);
}

std::string quoted(const std::string& path) { return "'" + path + "'"; }

// A slash or "/." at the end would have the kernel follow a link after all.
std::string without_end(std::string path) {
  while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/."))) path.pop_back();
  return path;
}

struct CloseListing {
  void operator()(DIR* listing) const { ::closedir(listing); }
};
using Listing = std::unique_ptr<DIR, CloseListing>;

}  // namespace

Result<Directory> Directory::open(const std::string& given) {
  const std::string path = without_end(given);
  Fd fd(::open(path.c_str(), kOpenFlags));
  if (fd) return Directory(std::move(fd));
  const int code = errno;
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
    return fail("cannot open " + quoted(path) + ": it is a symbolic link", ELOOP);
  }
  return fail_errno("cannot open " + quoted(path), code);
}

Result<Directory> Directory::open_below(const std::string& path, Mounts mounts) const {
  Fd fd = open_beneath(fd_.get(), path.empty() ? "." : path, mounts);
  if (!fd) return fail_errno("cannot open " + quoted(path), errno);
  return Directory(std::move(fd));
}

Result<std::vector<Entry>> Directory::entries() const {
  // A descriptor of its own, because a listing has a position.
  Fd own(::openat(fd_.get(), ".", kOpenFlags));
  const Listing listing(own ? ::fdopendir(own.get()) : nullptr);
  if (listing == nullptr) return fail_errno("cannot list a directory", errno);
  static_cast<void>(own.release());
  std::vector<Entry> found;
  errno = 0;
  while (const dirent* const next = ::readdir(listing.get())) {
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    Result<Entry> looked_up = entry(std::string(name));
    if (looked_up) found.push_back(*std::move(looked_up));
    errno = 0;
  }
  if (errno != 0) return fail_errno("cannot list a directory", errno);
  return found;
}

Result<Entry> Directory::entry(const std::string& name) const {
  struct stat status{};
  if (::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return fail_errno("cannot look at " + quoted(name), errno);
  }
  return Entry{.name = name,
               .kind = kind_of(status.st_mode),
               .size = Bytes{static_cast<std::uint64_t>(status.st_size)},
               .modified = WallTime(std::chrono::seconds(status.st_mtim.tv_sec) + Nanos(status.st_mtim.tv_nsec)),
               .device = status.st_dev,
               .inode = status.st_ino};
}

Result<void> Directory::remove_file(const std::string& name) const {
  if (::unlinkat(fd_.get(), name.c_str(), 0) == 0) return {};
  return fail_errno("cannot delete " + quoted(name), errno);
}

Result<void> Directory::remove_directory(const std::string& name) const {
  if (::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR) == 0) return {};
  return fail_errno("cannot delete the directory " + quoted(name), errno);
}

bool Directory::is_root() const {
  struct stat here{}, root{};
  if (::fstat(fd_.get(), &here) != 0 || ::stat("/", &root) != 0) return false;
  return here.st_dev == root.st_dev && here.st_ino == root.st_ino;
}

}  // namespace taskrun::sys
