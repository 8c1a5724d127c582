#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/result.h"
#include "sys/fd.h"

namespace taskrun::process {

/// Told from the loop that something can be read (or that the end has come), again and again until it is read.
class Readable {
 public:
  virtual void on_readable() = 0;

 protected:
  ~Readable() = default;
};

/// The pipes of all tasks: an epoll instance of their own, which the loop watches as one descriptor. A run has two
/// pipes and is often short; to watch each by itself would cost the loop four system calls more for every one.
class PipeWatch {
 public:
  /// Counts up and is never used again: an event that was on its way to a closed pipe reaches nobody.
  using Token = std::uint64_t;

  /// Fails when descriptors run out.
  [[nodiscard]] static Result<std::unique_ptr<PipeWatch>> make(boost::asio::io_context& loop);
  PipeWatch(const PipeWatch&) = delete;
  PipeWatch& operator=(const PipeWatch&) = delete;

  /// Watches until forget(); `reader` must live as long. Fails when the kernel cannot watch one descriptor more.
  [[nodiscard]] Result<Token> add(int fd, Readable& reader);
  /// To be called as the descriptor is closed, which ends the kernel's part of the watch: nobody else has a copy of it,
  /// but for a child on its way to its exec, and what is told meanwhile reaches nobody.
  void forget(Token token) { readers_.erase(token); }

 private:
  PipeWatch(boost::asio::io_context& loop, sys::Fd epoll);
  void await();
  void tell_readers();

  boost::asio::posix::stream_descriptor epoll_;
  std::unordered_map<Token, Readable*> readers_;
  Token next_ = 1;
};

}  // namespace taskrun::process
