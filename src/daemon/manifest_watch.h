#pragma once

#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sys/file_watch.h"

namespace taskrun::daemon {

/// Tells when a file that was changing has come to rest: writing it, or turning the links on the way to it, takes
/// several steps, and a file that is read between two of them is broken.
class ManifestWatch {
 public:
  /// `settled` is called on the loop; once for the beginning, before which nobody had looked. Watches until it is
  /// destroyed.
  ManifestWatch(boost::asio::io_context& loop, sys::FileWatch watch, std::function<void()> settled);

 private:
  void wait();
  void has_changed();

  sys::FileWatch watch_;
  std::function<void()> settled_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer rest_;
  boost::asio::steady_timer::time_point latest_;  // settled by then, however restless it is
  bool is_restless_ = false;
};

}  // namespace taskrun::daemon
