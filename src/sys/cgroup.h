#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

/// Control groups, version 2: a directory of the cgroup filesystem holds processes; what a process starts stays in its
/// group, so a group can be counted and killed as a whole.
namespace taskrun::sys {

/// The directory of our own group, wherever the filesystem is mounted. Fails with ENOENT where there is none.
[[nodiscard]] Result<std::string> find_own_cgroup();

/// The same from the texts of /proc/self/mountinfo and /proc/self/cgroup; "" where they name none.
[[nodiscard]] std::string own_cgroup_of(std::string_view mountinfo, std::string_view membership);

/// One group, held by its directory. Ending its owner does not remove it.
class Cgroup {
 public:
  /// Makes the directory `path`. Fails with EACCES or EROFS where we may not, EEXIST where it is there.
  [[nodiscard]] static Result<Cgroup> make(const std::string& path);
  /// Holds one that is there.
  [[nodiscard]] static Result<Cgroup> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// The directory, for clone3 and flock.
  [[nodiscard]] int fd() const { return directory_.get(); }

  /// Whether a living process is in it or below it. True where that cannot be read.
  [[nodiscard]] bool is_populated();
  /// The processes in it and below it.
  [[nodiscard]] std::vector<pid_t> processes() const;
  /// SIGKILL to all of them, those that start meanwhile too. Does not wait.
  [[nodiscard]] Result<void> kill() const;
  /// Writes one of its files: limits, members.
  [[nodiscard]] Result<void> write(const char* file, std::string_view text) const;
  /// The number that follows `key` in one of its files; 0 where there is none.
  [[nodiscard]] std::uint64_t count_in(const char* file, std::string_view key) const;
  /// Removes it and the groups below it, none of which may hold a process (EBUSY).
  [[nodiscard]] Result<void> remove() const;

 private:
  Cgroup(std::string path, Fd directory) : path_(std::move(path)), directory_(std::move(directory)) {}
  std::string path_;
  Fd directory_;
  Fd events_;  // cgroup.events, opened at the first question
  std::string buffer_;
};

/// The directories directly below a group.
[[nodiscard]] std::vector<std::string> groups_below(const std::string& path);

}  // namespace taskrun::sys
