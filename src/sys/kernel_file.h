#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.h"

/// The small files of /proc and of a cgroup, which the kernel makes up as they are read.
namespace taskrun::sys {

/// The text of `path`, below the directory descriptor `directory` or AT_FDCWD; at most `limit` bytes of it. Nothing
/// where it cannot be read: most often because its process has ended.
[[nodiscard]] std::optional<std::string> read_kernel_file(int directory, const char* path, std::size_t limit = 1 << 20);

/// The text of an open one, from its beginning. `buffer` is the memory to use again; it grows as needed.
[[nodiscard]] std::string_view reread_kernel_file(int file, std::string& buffer);

/// Writes `text` at once, as such files want it.
[[nodiscard]] Result<void> write_kernel_file(int directory, const char* path, std::string_view text);

}  // namespace taskrun::sys
