#include "sys/file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fd.h"

namespace taskrun::sys {
namespace {

std::string quoted(const std::string& path) { return "'" + path + "'"; }

struct Refusal {
  int code = 0;  // 0: a regular file
  const char* reason = nullptr;
};

Refusal refusal_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return {};
    case S_IFDIR: return {EISDIR, "it is a directory"};
    case S_IFIFO: return {ESPIPE, "it is a FIFO, not a regular file"};
    case S_IFSOCK: return {ENXIO, "it is a socket, not a regular file"};
    default: return {ENODEV, "it is a device, not a regular file"};
  }
}

Result<void> require_regular(const std::string& path, const struct stat& status) {
  const Refusal refusal = refusal_of(status.st_mode);
  if (refusal.code != 0) return fail("cannot read " + quoted(path) + ": " + refusal.reason, refusal.code);
  return {};
}

tl::unexpected<Error> fail_lookup(const std::string& path, int code) {
  struct stat link{};
  if (code == ENOENT && lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode)) {
    return fail("cannot open " + quoted(path) + ": it is a link to a file that does not exist", code);
  }
  return fail_errno("cannot open " + quoted(path), code);
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> fill(int fd, std::string_view text, mode_t mode) {
  if (fchmod(fd, mode) != 0) return fail_errno("cannot set the mode", errno);
  if (auto written = write_all(fd, text); !written) return written;
  if (fsync(fd) != 0) return fail_errno("cannot sync", errno);
  return {};
}

}  // namespace

// The type is looked at twice: before the open, because opening a device can act on it, and after, because the name may
// lead elsewhere by then (O_NONBLOCK keeps the open of a FIFO from waiting for a writer).
Result<std::string> read_file(const std::string& path, Bytes limit, const IsMoreWanted& is_more_wanted) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return fail_lookup(path, errno);
  if (auto regular = require_regular(path, status); !regular) return tl::unexpected(regular.error());
  const auto file = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!file) return tl::unexpected(file.error());
  if (fstat(file->get(), &status) != 0) return fail_errno("cannot read " + quoted(path), errno);
  if (auto regular = require_regular(path, status); !regular) return tl::unexpected(regular.error());
  const std::string too_large = "cannot read " + quoted(path) + ": it is larger than " + bytes_in_words(limit);
  if (static_cast<std::uint64_t>(status.st_size) > limit.count) return fail(too_large, EFBIG);
  auto text = read_all(file->get(), limit, is_more_wanted);
  if (text) return text;
  return text.error().code == EFBIG ? fail(too_large, EFBIG)
                                    : fail_errno("cannot read " + quoted(path), text.error().code);
}

Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string attempt = "cannot write " + quoted(path);
  std::string draft = path + ".XXXXXX";
  Fd file(mkostemp(draft.data(), O_CLOEXEC));
  if (!file) return fail_errno(attempt, errno);
  const auto filled = fill(file.get(), text, mode);
  if (!filled || rename(draft.c_str(), path.c_str()) != 0) {
    const int code = filled ? errno : filled.error().code;
    unlink(draft.c_str());
    return fail_errno(attempt, code);
  }
  const auto directory = open_file(directory_of(path), O_RDONLY | O_DIRECTORY);
  if (!directory || fsync(directory->get()) != 0) {
    return fail_errno(attempt + ": cannot sync its directory", directory ? errno : directory.error().code);
  }
  return {};
}

}  // namespace taskrun::sys
