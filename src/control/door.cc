#include "control/door.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>

#include "base/limits.h"

namespace taskrun::control {
namespace {

using boost::asio::posix::stream_descriptor;
using boost::system::error_code;

constexpr int kPeersATurn = 16;

int descriptor_of(const Door::Listener& listener) {
  return std::visit([](const auto& one) { return one.fd(); }, listener);
}

}  // namespace

// Asio closes what it is given.
Door::Door(boost::asio::io_context& loop, Listener listener, PeerCame peer_came)
    : listener_(std::move(listener)),
      peer_came_(std::move(peer_came)),
      ready_(loop, ::fcntl(descriptor_of(*listener_), F_DUPFD_CLOEXEC, 3)),
      back_off_(loop) {
  await_peers();
}

Result<sys::Fd> Door::accept() const {
  return std::visit([](const auto& one) { return one.accept(); }, *listener_);
}

Origin Door::origin() const {
  return std::holds_alternative<sys::TcpListener>(*listener_) ? Origin::network : Origin::socket;
}

void Door::close() {
  error_code ignored;
  back_off_.cancel();
  if (ready_.is_open()) ready_.close(ignored);
  listener_.reset();
}

void Door::await_peers() {
  ready_.async_wait(stream_descriptor::wait_read, [this](const error_code& error) {
    if (!error && listener_) accept_some();
  });
}

// Where descriptors have run out the peer stays in the kernel's queue, and the socket stays ready: looking again at
// once would be a busy loop.
void Door::accept_some() {
  for (int peers = 0; peers < kPeersATurn; ++peers) {
    auto socket = accept();
    if (socket) {
      peer_came_(*std::move(socket), origin());
      continue;
    }
    if (socket.error().code == EAGAIN) break;
    back_off_.expires_after(limits::kControlBackOff);
    back_off_.async_wait([this](const error_code& error) {
      if (!error && listener_) await_peers();
    });
    return;
  }
  await_peers();
}

}  // namespace taskrun::control
