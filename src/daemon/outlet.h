#pragma once

#include <functional>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>

#include "report/flushed.h"

namespace taskrun::daemon {

/// Keeps a writer's queue moving: flushes it, and where its reader is slow, again when the loop sees room. `Writer` is
/// a JsonLines or a ChunkWriter; it is borrowed and must outlive the outlet.
template <class Writer>
class Outlet {
 public:
  Outlet(boost::asio::io_context& loop, Writer& writer, std::function<void(int error)> failed)
      : writer_(writer), ready_(loop, ::fcntl(writer.ready_fd(), F_DUPFD_CLOEXEC, 3)), failed_(std::move(failed)) {}

  void flush() {
    if (is_waiting_) return;
    const report::Flushed flushed = writer_.flush();
    if (flushed.state == report::FlushState::failed) failed_(flushed.error);
    if (flushed.state != report::FlushState::blocked) return;
    is_waiting_ = true;
    ready_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
      is_waiting_ = false;
      if (!error) flush();
    });
  }

 private:
  Writer& writer_;
  boost::asio::posix::stream_descriptor ready_;
  std::function<void(int)> failed_;
  bool is_waiting_ = false;
};

}  // namespace taskrun::daemon
