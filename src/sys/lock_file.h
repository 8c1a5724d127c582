#pragma once

#include <string>
#include <utility>

#include <sys/types.h>

#include "base/result.h"
#include "sys/fd.h"

namespace taskrun::sys {

/// A file that one process at a time holds. The kernel lets go of it when its holder dies, however that happens, so
/// there is no stale lock; the text in it says who holds it.
class LockFile {
 public:
  /// Takes the lock without waiting and writes `holder` into the file (0600). EWOULDBLOCK where another process holds
  /// it: the error's message is what that one wrote, which may be "" for a moment after it took it.
  [[nodiscard]] static Result<LockFile> take(const std::string& path, const std::string& holder);
  LockFile(LockFile&&) noexcept = default;
  LockFile& operator=(LockFile&& other) noexcept;
  /// Removes the file and lets go.
  ~LockFile() { release(); }

 private:
  LockFile(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  void release();
  Fd fd_;
  std::string path_;
};

/// Whether a process holds the lock file at `path`. Only looks: whoever takes it at this moment is not refused for
/// that. Not held where there is no such file.
[[nodiscard]] Result<bool> is_held(const std::string& path);

}  // namespace taskrun::sys
