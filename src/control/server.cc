#include "control/server.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "control/answer_json.h"
#include "control/dispatch.h"

namespace taskrun::control {
namespace {

bool is_trusted(std::optional<uid_t> peer) { return peer && (*peer == ::geteuid() || *peer == 0); }

}  // namespace

Server::Server(boost::asio::io_context& loop, Desk& desk, EventRing& events)
    : loop_(loop), desk_(desk), events_(events) {
  events_.on_record([this] { events_came(); });
}

Server::~Server() {
  events_.on_record(nullptr);
  finish();
}

// Peers. -------------------------------------------------------------------------------------------------------------

void Server::listen(sys::UnixListener listener) { open_door(std::move(listener)); }

void Server::listen(sys::TcpListener listener, std::vector<std::string> more_names) {
  host_names_ = HostNames(listener.address(), std::move(more_names));
  open_door(std::move(listener));
}

void Server::open_door(Door::Listener listener) {
  doors_.emplace_back(loop_, std::move(listener),
                      [this](sys::Fd socket, Origin origin) { adopt(std::move(socket), origin); });
}

std::size_t Server::connections_from(Origin origin) const {
  const auto comes_from = [&](const auto& connection) { return connection->origin() == origin; };
  return static_cast<std::size_t>(std::ranges::count_if(connections_, comes_from));
}

void Server::adopt(sys::Fd socket, Origin origin) {
  if (origin == Origin::socket && !is_trusted(sys::peer_of(socket.get()))) {
    return turn_away(socket, {403, error_json("forbidden", "this runner belongs to another user")});
  }
  if (connections_from(origin) >= limits::kControlConnections) {
    return turn_away(socket, {503, error_json("too_many_connections", "too many connections: try again later")});
  }
  auto connection = std::make_shared<Connection>(loop_, std::move(socket), origin, static_cast<Host&>(*this));
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
  const Origin origin = connection->origin();
  const bool is_head_only = request.method == "HEAD";
  if (const auto refused = origin == Origin::network ? refuse_host(request, host_names_) : std::nullopt) {
    Reply reply{refused->status, error_json(refused->code, refused->message)};
    reply.is_head_only = is_head_only;
    return connection->reply(reply);
  }
  const std::weak_ptr<Connection> weak = connection;
  Call call{desk_, events_, origin, {}, "", "", "", nullptr, nullptr, nullptr};
  call.reply = [weak, is_head_only](Reply reply) {
    reply.is_head_only = is_head_only;
    if (const auto peer = weak.lock()) peer->reply(reply);
  };
  call.stream = [this, weak](EventCursor cursor) {
    const auto peer = weak.lock();
    if (!peer) return;
    streams_.insert(peer);
    peer->follow(std::move(cursor));
  };
  call.reply_in_pieces = [weak, is_head_only](Reply first, std::function<std::string()> next) {
    first.is_head_only = is_head_only;
    if (const auto peer = weak.lock()) peer->reply_in_pieces(first, std::move(next));
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
  for (Door& door : doors_) door.close();
  queue_.clear();
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->finish();
}

}  // namespace taskrun::control
