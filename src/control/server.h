#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "control/connection.h"
#include "control/desk.h"
#include "control/door.h"
#include "control/event_ring.h"
#include "control/host_names.h"
#include "sys/fd.h"
#include "sys/tcp_listener.h"
#include "sys/unix_socket.h"

namespace taskrun::control {

/// Serves the routes to whoever connects, on the loop of the caller: one request in each turn of the loop, so that a
/// due time waits for one answer at most. By the socket, this user and root are answered; by the port, whoever asks it
/// by a name of its own, and only what is open. At most limits::kControlConnections peers by each.
class Server : private Host {
 public:
  /// All are borrowed and outlive it.
  Server(boost::asio::io_context& loop, Desk& desk, EventRing& events);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override;

  /// Accepts from now on.
  void listen(sys::UnixListener listener);
  /// The same on a port; `more_names`: see HostNames.
  void listen(sys::TcpListener listener, std::vector<std::string> more_names);
  /// A peer that is connected already; its socket does not block.
  void adopt(sys::Fd socket, Origin origin = Origin::socket);
  /// Ends every stream after its last event and every connection, and removes the socket. Never waits.
  void finish();
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }

 private:
  void enqueue(std::shared_ptr<Connection> connection) override;
  void answer(const Request& request, const std::shared_ptr<Connection>& connection) override;
  [[nodiscard]] const EventRing& events() const override { return events_; }
  void forget(const std::shared_ptr<Connection>& connection) override;
  void open_door(Door::Listener listener);
  [[nodiscard]] std::size_t connections_from(Origin origin) const;
  void turn_away(const sys::Fd& socket, const Reply& reply) const;
  void post_turn();
  void take_turn();
  void events_came();

  boost::asio::io_context& loop_;
  Desk& desk_;
  EventRing& events_;
  HostNames host_names_;
  std::deque<Door> doors_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::deque<std::shared_ptr<Connection>> queue_;  // their requests are complete
  std::unordered_set<std::shared_ptr<Connection>> streams_;
  bool is_turn_posted_ = false;
  bool is_pump_posted_ = false;
};

}  // namespace taskrun::control
