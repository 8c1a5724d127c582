#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/result.h"
#include "sys/fd.h"

struct inotify_event;

namespace taskrun::sys {

/// Which file stands at a path, and which text in it as far as the file system tells. All zero where none does.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Of the file that the path leads to, through all links.
[[nodiscard]] FileStamp stamp_of(const std::string& path);

/// Tells that a path may lead to another file or text than before: written, renamed over, removed, or a link on the way
/// to it turned elsewhere. Watches the directories of the way, by inotify(7), so what happens on another machine's side
/// of a network file system is not seen.
class FileWatch {
 public:
  /// `path` need not exist yet. Fails where the kernel grants no watch (EMFILE, ENOSPC).
  [[nodiscard]] static Result<FileWatch> make(std::string path);
  /// Readable when there is something to consume; non-blocking.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Takes what has come, and from now on watches the way as it is now. False where nothing of it concerns the path, as
  /// other files in those directories.
  [[nodiscard]] bool consume();

 private:
  FileWatch(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  [[nodiscard]] bool is_on_way(const inotify_event& event) const;
  [[nodiscard]] Result<void> watch_way();
  [[nodiscard]] Result<void> watch_name(const std::string& directory, const std::string& name);

  Fd fd_;
  std::string path_;
  std::map<int, std::set<std::string>> names_;  // by watch: what of the way stands in that directory
};

}  // namespace taskrun::sys
