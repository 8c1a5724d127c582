// The file goes with its holder. So whoever has locked a file looks whether it is still the one at the path: a process
// that had opened it just before it was removed holds a lock that nobody else will ever meet, and tries again.

#include "sys/lock_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

constexpr int kTries = 1000;  // tries; each means that another process took and released the lock in between

bool is_at(const std::string& path, int fd) {
  struct stat there{}, ours{};
  return ::lstat(path.c_str(), &there) == 0 && ::fstat(fd, &ours) == 0 && there.st_dev == ours.st_dev &&
         there.st_ino == ours.st_ino;
}

std::string written_in(int fd) {
  std::array<char, 128> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

Result<void> write_holder(int fd, const std::string& holder) {
  if (::ftruncate(fd, 0) != 0) return fail_errno("cannot write a lock file", errno);
  return write_all(fd, holder);
}

}  // namespace

Result<LockFile> LockFile::take(const std::string& path, const std::string& holder) {
  for (int tries = 0; tries < kTries; ++tries) {
    auto file = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (!file) return tl::unexpected(file.error());
    if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return fail(written_in(file->get()), EWOULDBLOCK);
      return fail_errno("cannot lock '" + path + "'", errno);
    }
    if (!is_at(path, file->get())) continue;
    if (auto written = write_holder(file->get(), holder); !written) return tl::unexpected(written.error());
    return LockFile(*std::move(file), path);
  }
  return fail("cannot lock '" + path + "': others take it again and again", EBUSY);
}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  if (this == &other) return *this;
  release();
  fd_ = std::move(other.fd_);
  path_ = std::move(other.path_);
  return *this;
}

void LockFile::release() {
  if (!fd_) return;
  if (is_at(path_, fd_.get())) ::unlink(path_.c_str());
  fd_.reset();
}

}  // namespace taskrun::sys
