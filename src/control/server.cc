#include "control/server.h"

#include <cerrno>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "control/answer_json.h"
#include "control/routes.h"

namespace taskrun::control {
namespace {

using boost::asio::posix::stream_descriptor;
using boost::system::error_code;

constexpr int kPeersATurn = 16;

bool is_trusted(std::optional<uid_t> peer) { return peer && (*peer == ::geteuid() || *peer == 0); }

}  // namespace

Server::Server(boost::asio::io_context& loop, Desk& desk, EventRing& events)
    : loop_(loop), desk_(desk), events_(events), ready_(loop), back_off_(loop) {
  events_.on_record([this] { events_came(); });
}

Server::~Server() {
  events_.on_record(nullptr);
  finish();
}

// Peers. -------------------------------------------------------------------------------------------------------------

void Server::listen(sys::UnixListener listener) {
  listener_ = std::move(listener);
  // Asio closes what it is given.
  ready_.assign(::fcntl(listener_->fd(), F_DUPFD_CLOEXEC, 3));
  await_peers();
}

void Server::await_peers() {
  ready_.async_wait(stream_descriptor::wait_read, [this](const error_code& error) {
    if (!error) accept_some();
  });
}

// Where descriptors have run out the peer stays in the kernel's queue, and the socket stays ready: looking again at
// once would be a busy loop.
void Server::accept_some() {
  for (int peers = 0; peers < kPeersATurn; ++peers) {
    auto socket = listener_->accept();
    if (socket) {
      adopt(*std::move(socket));
      continue;
    }
    if (socket.error().code == EAGAIN) break;
    back_off_.expires_after(limits::kControlBackOff);
    back_off_.async_wait([this](const error_code& error) {
      if (!error) await_peers();
    });
    return;
  }
  await_peers();
}

void Server::adopt(sys::Fd socket) {
  if (!is_trusted(sys::peer_of(socket.get()))) {
    return turn_away(socket, {403, error_json("forbidden", "this runner belongs to another user")});
  }
  if (connections_.size() >= limits::kControlConnections) {
    return turn_away(socket, {503, error_json("too_many_connections", "too many connections: try again later")});
  }
  auto connection = std::make_shared<Connection>(loop_, std::move(socket), static_cast<Host&>(*this));
  connections_.insert(connection);
  connection->start();
}

void Server::turn_away(const sys::Fd& socket, const Reply& reply) const {
  const std::string bytes = to_bytes(reply, false);
  // A new socket takes that much; where it does not, the peer sees the end alone.
  static_cast<void>(::send(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void Server::forget(const std::shared_ptr<Connection>& connection) {
  streams_.erase(connection);
  connections_.erase(connection);
}

// Requests. ----------------------------------------------------------------------------------------------------------

void Server::enqueue(std::shared_ptr<Connection> connection) {
  queue_.push_back(std::move(connection));
  post_turn();
}

void Server::post_turn() {
  if (queue_.empty() || std::exchange(is_turn_posted_, true)) return;
  boost::asio::post(loop_, [this] { take_turn(); });
}

void Server::take_turn() {
  is_turn_posted_ = false;
  if (queue_.empty()) return;
  const auto connection = std::move(queue_.front());
  queue_.pop_front();
  connection->serve();  // may end us all
  post_turn();
}

void Server::answer(const Request& request, const std::shared_ptr<Connection>& connection) {
  const std::weak_ptr<Connection> weak = connection;
  Call call{desk_, events_, {}, "", "", "", nullptr, nullptr, nullptr};
  call.reply = [weak](const Reply& reply) {
    if (const auto peer = weak.lock()) peer->reply(reply);
  };
  call.stream = [this, weak](EventCursor cursor) {
    const auto peer = weak.lock();
    if (!peer) return;
    streams_.insert(peer);
    peer->follow(std::move(cursor));
  };
  call.reply_in_pieces = [weak, takes_chunks = request.takes_chunks](Reply first, std::function<std::string()> next) {
    const auto peer = weak.lock();
    if (!peer) return;
    if (takes_chunks) return peer->reply_in_pieces(first, std::move(next));
    for (std::string piece = next(); !piece.empty(); piece = next()) first.body += piece;
    peer->reply(first);
  };
  control::serve(request, std::move(call));
}

// Events. ------------------------------------------------------------------------------------------------------------

void Server::events_came() {
  if (streams_.empty() || std::exchange(is_pump_posted_, true)) return;
  boost::asio::post(loop_, [this] {
    is_pump_posted_ = false;
    const std::vector<std::shared_ptr<Connection>> streams(streams_.begin(), streams_.end());
    for (const auto& stream : streams) stream->pump();
  });
}

void Server::finish() {
  error_code ignored;
  back_off_.cancel();
  if (ready_.is_open()) ready_.close(ignored);
  listener_.reset();
  queue_.clear();
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->finish();
}

}  // namespace taskrun::control
