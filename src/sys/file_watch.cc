#include "sys/file_watch.h"

#include <array>
#include <cerrno>
#include <deque>
#include <filesystem>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace taskrun::sys {
namespace {

constexpr int kMostLinks = 40;  // as the kernel follows them
constexpr std::uint32_t kWanted =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kOfDirectory = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;

constexpr int kMostLooks = 5;  // for a way that changes while it is looked at

struct Step {
  fs::path directory;
  std::string name;
  friend bool operator==(const Step&, const Step&) = default;
};

// Where the way to `path` could be turned: each link on it, and the last file; up to the first that is not there.
std::vector<Step> way_to(const fs::path& path) {
  std::vector<Step> steps;
  std::deque<fs::path> rest(path.begin(), path.end());
  fs::path at = path.is_absolute() ? "/" : ".";
  int links = 0;
  while (!rest.empty()) {
    const fs::path name = std::move(rest.front());
    rest.pop_front();
    if (name.empty() || name == "/" || name == ".") continue;
    std::error_code error;
    const fs::file_status status = fs::symlink_status(at / name, error);
    const bool is_link = fs::is_symlink(status);
    if (is_link || rest.empty() || !fs::exists(status)) steps.push_back({at, name.string()});
    if (!is_link && !fs::exists(status)) break;
    if (!is_link) {
      at /= name;  // `..` too: what stands before it is no link
      continue;
    }
    const fs::path target = fs::read_symlink(at / name, error);
    if (error || ++links > kMostLinks) break;
    rest.insert(rest.begin(), target.begin(), target.end());
    if (target.is_absolute()) at = "/";
  }
  return steps;
}

}  // namespace

FileStamp stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec};
}

Result<FileWatch> FileWatch::make(std::string path) {
  Fd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd) return fail_errno("cannot watch '" + path + "'", errno);
  FileWatch watch(std::move(fd), std::move(path));
  if (auto watched = watch.watch_way(); !watched) return tl::unexpected(watched.error());
  return watch;
}

bool FileWatch::consume() {
  alignas(inotify_event) std::array<char, 4096> events{};
  bool concerns = false;
  for (ssize_t size = 0; (size = ::read(fd_.get(), events.data(), events.size())) > 0;) {
    for (ssize_t place = 0; place < size;) {
      const auto& event = *reinterpret_cast<const inotify_event*>(events.data() + place);
      place += static_cast<ssize_t>(sizeof event + event.len);
      concerns |= is_on_way(event);
    }
  }
  // A way that cannot be watched now is watched again when something else of it changes.
  if (concerns) static_cast<void>(watch_way());
  return concerns;
}

bool FileWatch::is_on_way(const inotify_event& event) const {
  if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
  const auto names = names_.find(event.wd);
  if (names == names_.end()) return false;
  return (event.mask & kOfDirectory) != 0 || (event.len > 0 && names->second.contains(event.name));
}

// What is turned between the look and the watch would not be told: so it is looked at again.
Result<void> FileWatch::watch_way() {
  const auto before = std::exchange(names_, {});
  Result<void> watched;
  std::vector<Step> way = way_to(path_);
  for (int looks = 0; looks < kMostLooks; ++looks) {
    for (const Step& step : way) {
      if (auto done = watch_name(step.directory.string(), step.name); !done) watched = std::move(done);
    }
    std::vector<Step> again = way_to(path_);
    if (again == way) break;
    way = std::move(again);
  }
  for (const auto& [watch, names] : before) {
    if (!names_.contains(watch)) ::inotify_rm_watch(fd_.get(), watch);
  }
  return watched;
}

Result<void> FileWatch::watch_name(const std::string& directory, const std::string& name) {
  const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(), kWanted);
  if (watch < 0) return fail_errno("cannot watch '" + directory + "'", errno);
  names_[watch].insert(name);
  return {};
}

}  // namespace taskrun::sys
