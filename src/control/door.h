#pragma once

#include <functional>
#include <optional>
#include <variant>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "control/origin.h"
#include "sys/fd.h"
#include "sys/tcp_listener.h"
#include "sys/unix_socket.h"

namespace taskrun::control {

/// A listening socket: takes in those who connect, some in each turn of the loop.
class Door {
 public:
  using Listener = std::variant<sys::UnixListener, sys::TcpListener>;
  using PeerCame = std::function<void(sys::Fd socket, Origin origin)>;

  /// `peer_came` is called in turns of the loop until this is closed. The loop outlives this, and takes no turn after
  /// it.
  Door(boost::asio::io_context& loop, Listener listener, PeerCame peer_came);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// Takes in no more, and removes what it listens on.
  void close();

 private:
  void await_peers();
  void accept_some();
  [[nodiscard]] Result<sys::Fd> accept() const;
  [[nodiscard]] Origin origin() const;

  std::optional<Listener> listener_;  // none: closed
  PeerCame peer_came_;
  boost::asio::posix::stream_descriptor ready_;
  boost::asio::steady_timer back_off_;
};

}  // namespace taskrun::control
