#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "control/event_ring.h"
#include "control/http_message.h"
#include "control/origin.h"
#include "sys/fd.h"

namespace taskrun::control {

class Connection;

/// Who serves what a connection reads: the server.
class Host {
 public:
  virtual ~Host() = default;
  /// A request is complete, or the next piece of an answer is wanted: in its turn, serve() is to be called.
  virtual void enqueue(std::shared_ptr<Connection> connection) = 0;
  /// Sees that what is asked comes to the connection's reply() or follow().
  virtual void answer(const Request& request, const std::shared_ptr<Connection>& connection) = 0;
  [[nodiscard]] virtual const EventRing& events() const = 0;
  /// It is closed.
  virtual void forget(const std::shared_ptr<Connection>& connection) = 0;
};

/// One peer: reads a request, has it served, writes the answer, and so on; or streams event lines to the end. Every
/// wait for the peer has a deadline, but that of a subscriber for the next event.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `socket` is connected and does not block. `host` outlives it.
  Connection(boost::asio::io_context& loop, sys::Fd socket, Origin origin, Host& host);

  [[nodiscard]] Origin origin() const { return origin_; }
  void start();
  /// Has the request that is complete answered, or the next piece of its answer sent.
  void serve();
  void reply(const Reply& reply);
  /// An answer in pieces: the body of `first`, then what `next` answers, one in each turn, until that is ""; or its
  /// head only.
  void reply_in_pieces(const Reply& first, std::function<std::string()> next);
  void follow(EventCursor cursor);
  /// Sends event lines, where it follows them and the last ones have been taken.
  void pump();
  /// Sends what can be sent without waiting, and closes.
  void finish();

 private:
  enum class Phase { reading, serving, writing, streaming, lingering, closed };
  using Socket = boost::asio::generic::stream_protocol::socket;

  void arm_deadline();
  void deadline_passed();
  void read();
  void bytes_came(std::size_t count);
  void advance();
  void refuse(const Rejection& rejection);
  [[nodiscard]] std::string head_of_pieces(std::string_view type);
  [[nodiscard]] std::string piece(std::string_view bytes) const;
  [[nodiscard]] std::string_view end_of_pieces() const;
  void write(void (Connection::*written)());
  void reply_written();
  void send_piece();
  void piece_written();
  [[nodiscard]] bool is_taken();
  void linger();
  void close();

  Host& host_;
  const Origin origin_;
  Socket socket_;
  boost::asio::steady_timer deadline_;
  Phase phase_ = Phase::reading;
  std::array<char, 16 * 1024> chunk_;
  std::string input_;
  RequestReader reader_;
  bool keep_alive_ = true;
  bool takes_chunks_ = true;
  std::string output_;
  bool is_writing_ = false;
  std::function<std::string()> next_piece_;  // of the answer that is being sent; empty: it is whole
  std::size_t discarded_ = 0;
  std::optional<EventCursor> cursor_;
};

}  // namespace taskrun::control
