#include "process/pipe_watch.h"

#include <array>
#include <cerrno>

#include <sys/epoll.h>

namespace taskrun::process {
namespace {

// Pipes that are read before the loop gets its turn again.
constexpr int kBatch = 64;

}  // namespace

Result<std::unique_ptr<PipeWatch>> PipeWatch::make(boost::asio::io_context& loop) {
  sys::Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail_errno("cannot watch pipes", errno);
  return std::unique_ptr<PipeWatch>(new PipeWatch(loop, std::move(epoll)));
}

PipeWatch::PipeWatch(boost::asio::io_context& loop, sys::Fd epoll) : epoll_(loop, epoll.release()) { await(); }

Result<PipeWatch::Token> PipeWatch::add(int fd, Readable& reader) {
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.u64 = next_;
  if (epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &interest) != 0) {
    return fail_errno("cannot watch a pipe", errno);
  }
  readers_.emplace(next_, &reader);
  return next_++;
}

void PipeWatch::await() {
  epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    tell_readers();
    await();
  });
}

void PipeWatch::tell_readers() {
  std::array<epoll_event, kBatch> events;
  const int count = epoll_wait(epoll_.native_handle(), events.data(), kBatch, 0);
  for (int i = 0; i < count; ++i) {
    const auto reader = readers_.find(events[static_cast<std::size_t>(i)].data.u64);
    if (reader != readers_.end()) reader->second->on_readable();
  }
}

}  // namespace taskrun::process
