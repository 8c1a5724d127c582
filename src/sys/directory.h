#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace taskrun::sys {

enum class EntryKind { file, directory, other };

/// What a directory says of one name, links not followed.
struct Entry {
  std::string name;
  EntryKind kind = EntryKind::other;
  Bytes size;
  WallTime modified;
  dev_t device = 0;
  ino_t inode = 0;
};

/// Whether a path may lead into another mounted file system.
enum class Mounts { stay, cross };

/// A directory held open. What is looked up, listed and removed lies in it or below it, whatever others rename and link
/// there meanwhile: every path is resolved from the open directory, and a symbolic link in it is an error (ELOOP,
/// ENOTDIR).
class Directory {
 public:
  /// Links before the last name of the path are followed; the last must be a directory itself. The error names the
  /// path.
  [[nodiscard]] static Result<Directory> open(const std::string& path);

  /// A directory below, by its relative path ("" is this one). Fails with EXDEV where `mounts` forbids the way.
  [[nodiscard]] Result<Directory> open_below(const std::string& path, Mounts mounts) const;

  /// Everything in it but "." and "..", in no order; a name that vanishes meanwhile is left out.
  [[nodiscard]] Result<std::vector<Entry>> entries() const;

  /// What it says of one name now.
  [[nodiscard]] Result<Entry> entry(const std::string& name) const;

  [[nodiscard]] Result<void> remove_file(const std::string& name) const;
  /// Fails with ENOTEMPTY where something is in it.
  [[nodiscard]] Result<void> remove_directory(const std::string& name) const;

  /// Whether it is the root of the file system ("/").
  [[nodiscard]] bool is_root() const;

 private:
  explicit Directory(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace taskrun::sys
