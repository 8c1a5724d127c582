// O_NONBLOCK belongs to the open file, which we share with whoever started us: set there, it would break the shell, or
// the other programs that write to the same pipe. So a pipe or a terminal is opened once more for ourselves; a socket,
// which cannot be, is sent to with MSG_DONTWAIT; and a pipe or a terminal that may not be opened (it is another user's)
// is polled before each write of no more than a pipe takes at once. Regular files and devices are written as they are.
//
// For the same reason the loop waits on an epoll instance that holds the descriptor: loops make what they wait on
// non-blocking.

#include "report/output_stream.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/clock.h"

namespace taskrun::report {
namespace {

// Much enough for one system call to cost nothing beside it.
constexpr std::size_t kBatch = std::size_t{64} * 1024;
// A queue that was long once gives its memory back.
constexpr std::size_t kKeptCapacity = std::size_t{256} * 1024;

bool can_be_reopened(int descriptor, mode_t mode) {
  return S_ISFIFO(mode) || (S_ISCHR(mode) && ::isatty(descriptor) == 1);
}

// Asks a pipe to hold `bytes` more than it can now. How many more it surely takes: 0 where it is no pipe or may not
// grow so far.
std::size_t enlarge(int descriptor, std::size_t bytes) {
  const int capacity = ::fcntl(descriptor, F_GETPIPE_SZ);
  if (capacity < 0 || bytes > INT_MAX / 2) return 0;
  const int enlarged = ::fcntl(descriptor, F_SETPIPE_SZ, capacity + static_cast<int>(bytes) + PIPE_BUF);
  return enlarged > capacity ? static_cast<std::size_t>(enlarged - capacity) : 0;
}

}  // namespace

OutputStream::OutputStream(int descriptor) : descriptor_(descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return;  // the first write will tell
  if (S_ISSOCK(status.st_mode)) {
    way_ = Way::send;
  } else if (can_be_reopened(descriptor, status.st_mode)) {
    const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
    if (auto opened = sys::open_file(path, O_WRONLY | O_NONBLOCK)) own_ = std::move(*opened);
    if (!own_) way_ = Way::polled;
  }
}

Result<std::unique_ptr<OutputStream>> OutputStream::open(int descriptor) {
  std::unique_ptr<OutputStream> stream(new OutputStream(descriptor));
  stream->ready_ = sys::Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!stream->ready_) return fail_errno("cannot watch an output for room", errno);
  epoll_event interest{};
  interest.events = EPOLLOUT;
  // Regular files cannot be watched (EPERM), and need not be: they never block.
  if (::epoll_ctl(stream->ready_.get(), EPOLL_CTL_ADD, stream->target(), &interest) != 0 && errno != EPERM) {
    return fail_errno("cannot watch an output for room", errno);
  }
  return stream;
}

void OutputStream::append(std::string_view bytes) {
  if (failure_ != 0) return;
  if (sent_ > queue_.size() / 2) {
    queue_.erase(0, sent_);
    sent_ = 0;
  }
  queue_ += bytes;
  gathered_ += bytes.size();
  if (gathered_ >= kBatch) send_all();
}

ssize_t OutputStream::write_once(std::string_view bytes) {
  if (way_ == Way::send) return ::send(target(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (way_ == Way::polled) {
    pollfd wanted{target(), POLLOUT, 0};
    if (::poll(&wanted, 1, 0) == 0) {
      errno = EAGAIN;
      return -1;
    }
    bytes = bytes.substr(0, PIPE_BUF);
  }
  return ::write(target(), bytes.data(), bytes.size());
}

// False where the reader takes no more now, or the writing has failed.
bool OutputStream::send_some(std::size_t most) {
  const ssize_t count = write_once(std::string_view(queue_).substr(sent_, most));
  if (count >= 0) {
    sent_ += static_cast<std::size_t>(count);
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN) give_up(errno);
  return false;
}

void OutputStream::send_all() {
  gathered_ = 0;
  while (pending() > 0 && send_some(pending())) {
  }
  if (pending() > 0) return;
  queue_.clear();
  sent_ = 0;
  if (queue_.capacity() > kKeptCapacity) queue_.shrink_to_fit();
}

void OutputStream::give_up(int error) {
  failure_ = error;
  std::string().swap(queue_);
  sent_ = 0;
}

Flushed OutputStream::flush() {
  send_all();
  if (failure_ != 0 && !std::exchange(is_failure_told_, true)) return {FlushState::failed, failure_};
  return {pending() > 0 ? FlushState::blocked : FlushState::idle};
}

bool OutputStream::wait_for_reader(Nanos limit) {
  pollfd wanted{target(), POLLOUT, 0};
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  return ::poll(&wanted, 1, static_cast<int>(std::clamp<std::int64_t>(millis, 0, INT_MAX))) > 0;
}

// What the grown pipe takes ends with a line, so that whoever reads it later finds no torn one.
void OutputStream::send_whole_lines() {
  std::size_t room = 0;
  for (std::size_t wanted = pending(); room == 0 && wanted > 0; wanted /= 2) room = enlarge(target(), wanted);
  if (room == 0) return;
  const std::size_t newline = queue_.rfind('\n', sent_ + room - 1);
  if (newline == std::string::npos) return;
  while (sent_ <= newline && send_some(newline + 1 - sent_)) {
  }
}

Flushed OutputStream::drain(Nanos limit) {
  const MonoTime deadline = sys::read_clocks().mono + limit;
  Flushed flushed = flush();
  if (flushed.state == FlushState::blocked && enlarge(target(), pending()) > 0) flushed = flush();
  while (flushed.state == FlushState::blocked) {
    const Nanos left = deadline - sys::read_clocks().mono;
    if (left <= Nanos(0)) break;
    if (wait_for_reader(left)) flushed = flush();
  }
  if (flushed.state == FlushState::blocked) send_whole_lines();
  return flushed;
}

}  // namespace taskrun::report
