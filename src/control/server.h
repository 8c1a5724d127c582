#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "control/connection.h"
#include "control/desk.h"
#include "control/event_ring.h"
#include "sys/fd.h"
#include "sys/unix_socket.h"

namespace taskrun::control {

/// Serves the routes to whoever connects, on the loop of the caller: one request in each turn of the loop, so that a
/// due time waits for one answer at most. At most limits::kControlConnections peers, of this user or root.
class Server : private Host {
 public:
  /// All are borrowed and outlive it.
  Server(boost::asio::io_context& loop, Desk& desk, EventRing& events);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override;

  /// Accepts from now on.
  void listen(sys::UnixListener listener);
  /// A peer that is connected already; its socket does not block.
  void adopt(sys::Fd socket);
  /// Ends every stream after its last event and every connection, and removes the socket. Never waits.
  void finish();
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

 private:
  void enqueue(std::shared_ptr<Connection> connection) override;
  void answer(const Request& request, const std::shared_ptr<Connection>& connection) override;
  [[nodiscard]] const EventRing& events() const override { return events_; }
  void forget(const std::shared_ptr<Connection>& connection) override;
  void await_peers();
  void accept_some();
  void turn_away(const sys::Fd& socket, const Reply& reply) const;
  void post_turn();
  void take_turn();
  void events_came();

  boost::asio::io_context& loop_;
  Desk& desk_;
  EventRing& events_;
  std::optional<sys::UnixListener> listener_;
  boost::asio::posix::stream_descriptor ready_;
  boost::asio::steady_timer back_off_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::deque<std::shared_ptr<Connection>> queue_;  // their requests are complete
  std::unordered_set<std::shared_ptr<Connection>> streams_;
  bool is_turn_posted_ = false;
  bool is_pump_posted_ = false;
};

}  // namespace taskrun::control
