#include "sys/fd.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

constexpr std::size_t kReadAllChunk = 64 * 1024;

// For kernels before 5.11, which cannot mark a range.
void mark_each_listed_descriptor() {
  DIR* listing = opendir("/proc/self/fd");
  if (listing == nullptr) return;
  while (const dirent* entry = readdir(listing)) {
    const int fd = std::atoi(entry->d_name);
    if (fd >= 3) fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  closedir(listing);
}

// 0 where it is no regular file.
std::size_t size_of_regular(int fd, Bytes limit) {
  struct stat status{};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(static_cast<std::uint64_t>(status.st_size), limit.count));
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = other.release();
  }
  return *this;
}

// close(2) frees the number also where it reports EINTR: never retried.
void Fd::reset() {
  if (number_ >= 0) close(std::exchange(number_, -1));
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail_errno("cannot make a pipe", errno);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<Fd> open_file(const std::string& path, int flags, mode_t mode) {
  int number = -1;
  do {
    number = open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return fail_errno("cannot open '" + path + "'", errno);
  return Fd(number);
}

Result<Fd> duplicate(int fd, int lowest) {
  const int number = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
  if (number < 0) return fail_errno("cannot duplicate a descriptor", errno);
  return Fd(number);
}

Result<Fd> move_up(Fd fd, int lowest) {
  if (fd.get() >= lowest) return fd;
  return duplicate(fd.get(), lowest);
}

Result<Fd> make_memory_file(std::string_view text) {
  Fd file(memfd_create("taskrun-stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return fail_errno("cannot make a file in memory", errno);
  if (auto written = write_all(file.get(), text); !written) return tl::unexpected(written.error());
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (fcntl(file.get(), F_ADD_SEALS, kSeals) != 0 || lseek(file.get(), 0, SEEK_SET) != 0) {
    return fail_errno("cannot seal a file in memory", errno);
  }
  return file;
}

Result<void> set_nonblocking(int fd) {
  int on = 1;
  if (ioctl(fd, FIONBIO, &on) != 0) {
    return fail_errno("cannot make a descriptor non-blocking", errno);
  }
  return {};
}

Result<std::size_t> read_some(int fd, std::span<char> into) {
  ssize_t count = 0;
  do {
    count = read(fd, into.data(), into.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return fail_errno("cannot read", errno);
  return static_cast<std::size_t>(count);
}

Result<std::string> read_all(int fd, Bytes limit, const IsMoreWanted& is_more_wanted) {
  std::string text;
  text.reserve(size_of_regular(fd, limit) + 2 * kReadAllChunk);  // growing would hold it twice
  std::size_t used = 0;
  for (;;) {
    text.resize(used + kReadAllChunk);
    const auto count = read_some(fd, std::span(text).subspan(used));
    if (!count) return tl::unexpected(count.error());
    used += *count;
    if (used > limit.count) return fail("it is larger than " + bytes_in_words(limit), EFBIG);
    if (*count == 0) break;
    if (is_more_wanted && !is_more_wanted(std::string_view(text).substr(used - *count, *count))) break;
  }
  text.resize(used);
  if (text.capacity() - used > 2 * kReadAllChunk) text.shrink_to_fit();
  return text;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("cannot write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

bool open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is `fd`: those below it are open by now.
    if (open("/dev/null", O_RDWR | O_NOCTTY) != fd) return false;
  }
  return true;
}

void close_inherited_on_exec() {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) != 0) mark_each_listed_descriptor();
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return before;
}

}  // namespace taskrun::sys
