#include "sys/kernel_file.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "sys/fd.h"

namespace taskrun::sys {

std::optional<std::string> read_kernel_file(int directory, const char* path, std::size_t limit) {
  const Fd file(openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return std::nullopt;
  std::string text;
  char buffer[4096];
  while (text.size() < limit) {
    const auto count = read_some(file.get(), std::span(buffer).first(std::min(sizeof buffer, limit - text.size())));
    if (!count) return std::nullopt;
    if (*count == 0) break;
    text.append(buffer, *count);
  }
  return text;
}

// Ends at a read of nothing, not at a short one: the kernel hands out whole entries, a page at most.
std::string_view reread_kernel_file(int file, std::string& buffer) {
  constexpr std::size_t kRoom = 4096;
  std::size_t used = 0;
  for (;;) {
    if (buffer.size() < used + kRoom) buffer.resize(used + kRoom);
    const ssize_t count = pread(file, buffer.data() + used, buffer.size() - used, static_cast<off_t>(used));
    if (count <= 0) return std::string_view(buffer).substr(0, used);
    used += static_cast<std::size_t>(count);
  }
}

Result<void> write_kernel_file(int directory, const char* path, std::string_view text) {
  const Fd file(openat(directory, path, O_WRONLY | O_CLOEXEC));
  if (!file || write(file.get(), text.data(), text.size()) < 0) {
    return fail_errno("cannot write '" + std::string(path) + "'", errno);
  }
  return {};
}

}  // namespace taskrun::sys
