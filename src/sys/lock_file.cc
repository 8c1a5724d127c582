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

// Of the whole file, whoever writes it.
struct ::flock mark_of(short type) {
  struct ::flock mark{};
  mark.l_type = type;
  mark.l_whence = SEEK_SET;
  return mark;
}

// What flock() holds can only be found out by trying to take it, which would refuse whoever takes it just then. So the
// holder marks the file by a lock of the other kind, which can be asked about. It goes with its holder, too.
void mark(int fd) {
  struct ::flock exclusive = mark_of(F_WRLCK);
  static_cast<void>(::fcntl(fd, F_OFD_SETLK, &exclusive));  // nobody else marks; where it cannot be had it is missed
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
    mark(file->get());
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

Result<bool> is_held(const std::string& path) {
  const auto file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) {
    const bool is_absent = file.error().code == ENOENT || file.error().code == ENOTDIR;
    return is_absent ? Result<bool>(false) : tl::unexpected(file.error());
  }
  struct ::flock question = mark_of(F_RDLCK);
  if (::fcntl(file->get(), F_OFD_GETLK, &question) != 0)
    return fail_errno("cannot ask who holds '" + path + "'", errno);
  return question.l_type != F_UNLCK;
}

}  // namespace taskrun::sys
