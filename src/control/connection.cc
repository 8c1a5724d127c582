// The phases follow each other: reading → serving → writing (in turns, where it is much) → reading again, or →
// lingering → closed where the peer or a mistake ends it; serving → streaming → closed for a subscriber. What completes
// in another phase than it was begun in is of no interest any more.

#include "control/connection.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include "base/limits.h"
#include "control/answer_json.h"

namespace taskrun::control {

using boost::system::error_code;

namespace {

// Asio looks at the family only where it makes or names sockets, which we do not.
boost::asio::generic::stream_protocol protocol_of(Origin origin) {
  return {origin == Origin::socket ? AF_UNIX : AF_INET, 0};
}

}  // namespace

Connection::Connection(boost::asio::io_context& loop, sys::Fd socket, Origin origin, Host& host)
    : host_(host), origin_(origin), socket_(loop, protocol_of(origin), socket.release()), deadline_(loop) {
  error_code ignored;
  socket_.non_blocking(true, ignored);  // for us, too: what is written at once never waits
}

void Connection::start() {
  phase_ = Phase::reading;
  arm_deadline();
  advance();
}

// A request. ---------------------------------------------------------------------------------------------------------

void Connection::advance() {
  switch (reader_.feed(input_)) {
    case RequestReader::State::reading: break;
    case RequestReader::State::rejected: return refuse(reader_.rejection());
    case RequestReader::State::complete:
      deadline_.cancel();
      phase_ = Phase::serving;
      return host_.enqueue(shared_from_this());
  }
  if (reader_.take_continue()) {
    // Nothing of ours waits to be taken, so this fits.
    error_code ignored;
    socket_.write_some(boost::asio::buffer(kContinue), ignored);
  }
  read();
}

void Connection::read() {
  socket_.async_read_some(boost::asio::buffer(chunk_),
                          [self = shared_from_this()](const error_code& error, std::size_t count) {
                            const bool is_wanted = error != boost::asio::error::operation_aborted;
                            if (error && is_wanted) return self->close();
                            if (is_wanted) self->bytes_came(count);
                          });
}

void Connection::bytes_came(std::size_t count) {
  if (phase_ == Phase::reading) {
    input_.append(chunk_.data(), count);
    return advance();
  }
  if (phase_ == Phase::streaming) return read();
  discarded_ += count;
  if (phase_ != Phase::lingering || discarded_ > limits::kControlDiscard.count) return close();
  read();
}

void Connection::refuse(const Rejection& rejection) {
  keep_alive_ = false;
  reply({rejection.status, error_json(rejection.code, rejection.message)});
}

void Connection::serve() {
  if (phase_ == Phase::writing && next_piece_) return send_piece();
  if (phase_ != Phase::serving) return;
  const Request request = reader_.take_request();
  keep_alive_ = request.keep_alive;
  takes_chunks_ = request.takes_chunks;
  host_.answer(request, shared_from_this());
}

// Its answer. --------------------------------------------------------------------------------------------------------

void Connection::reply(const Reply& reply) {
  if (phase_ != Phase::serving && phase_ != Phase::reading) return;
  phase_ = Phase::writing;
  output_ = to_bytes(reply, keep_alive_);
  write(&Connection::reply_written);
}

void Connection::write(void (Connection::*written)()) {
  is_writing_ = true;
  arm_deadline();
  boost::asio::async_write(socket_, boost::asio::buffer(output_),
                           [self = shared_from_this(), written](const error_code& error, std::size_t) {
                             self->is_writing_ = false;
                             if (error) return self->close();
                             self->deadline_.cancel();
                             (self.get()->*written)();
                           });
}

void Connection::reply_written() {
  if (phase_ != Phase::writing) return;
  output_ = "";
  if (!keep_alive_) return linger();
  reader_ = RequestReader();
  start();
}

// What comes in pieces comes in chunks, or, for a peer that does not know them, until the connection ends.

std::string Connection::head_of_pieces(std::string_view type) {
  keep_alive_ = keep_alive_ && takes_chunks_;
  return takes_chunks_ ? chunked_head(type, keep_alive_) : unframed_head(type);
}

std::string Connection::piece(std::string_view bytes) const {
  return takes_chunks_ ? chunk(bytes) : std::string(bytes);
}

std::string_view Connection::end_of_pieces() const { return takes_chunks_ ? kLastChunk : ""; }

// Made when the one before has been taken: a slow reader costs one piece.
void Connection::reply_in_pieces(const Reply& first, std::function<std::string()> next) {
  if (phase_ != Phase::serving) return;
  phase_ = Phase::writing;
  output_ = head_of_pieces(first.type);
  if (first.is_head_only) return write(&Connection::reply_written);
  next_piece_ = std::move(next);
  output_ += piece(first.body);
  write(&Connection::piece_written);
}

void Connection::piece_written() {
  if (phase_ == Phase::writing) host_.enqueue(shared_from_this());
}

void Connection::send_piece() {
  const std::string bytes = next_piece_();
  if (!bytes.empty()) {
    output_ = piece(bytes);
    return write(&Connection::piece_written);
  }
  next_piece_ = nullptr;
  output_ = end_of_pieces();
  write(&Connection::reply_written);
}

// A socket that is closed with bytes unread resets the peer, who may lose the answer by it.
void Connection::linger() {
  phase_ = Phase::lingering;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  arm_deadline();
  read();
}

// A stream. ----------------------------------------------------------------------------------------------------------

void Connection::follow(EventCursor cursor) {
  if (phase_ != Phase::serving) return;
  phase_ = Phase::streaming;
  cursor_ = std::move(cursor);
  keep_alive_ = false;
  output_ = head_of_pieces(kJsonLines);
  read();  // to learn that the peer has gone
  pump();
}

void Connection::pump() {
  if (phase_ != Phase::streaming || is_writing_) return;
  while (is_taken()) {
    const std::string lines = cursor_->read(host_.events(), limits::kControlChunk);
    if (lines.empty()) return;
    output_ = piece(lines);
  }
  if (phase_ != Phase::streaming) return;
  is_writing_ = true;
  arm_deadline();
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->is_writing_ = false;
    if (error) return self->close();
    self->deadline_.cancel();
    self->pump();
  });
}

// Written at once, as much as the peer has room for: at the runner's end only that is left which it has no room for.
bool Connection::is_taken() {
  error_code error;
  output_.erase(0, socket_.write_some(boost::asio::buffer(output_), error));
  if (error && error != boost::asio::error::would_block) close();
  return phase_ == Phase::streaming && output_.empty();
}

void Connection::finish() {
  while (phase_ == Phase::streaming && is_taken()) {
    const std::string lines = cursor_->read(host_.events(), limits::kControlChunk);
    output_ = lines.empty() ? std::string(end_of_pieces()) : piece(lines);
    if (lines.empty()) {
      static_cast<void>(is_taken());
      break;
    }
  }
  close();
}

// Deadlines and the end. ---------------------------------------------------------------------------------------------

void Connection::arm_deadline() {
  deadline_.expires_after(limits::kControlDeadline);
  deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->deadline_passed();
  });
}

void Connection::deadline_passed() {
  const bool is_late_request = phase_ == Phase::reading && reader_.has_begun();
  if (deadline_.expiry() > std::chrono::steady_clock::now()) return;  // armed anew since
  if (!is_late_request) return close();
  error_code ignored;
  socket_.cancel(ignored);
  refuse({408, "request_timeout", "the request was not complete in time"});
}

void Connection::close() {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  deadline_.cancel();
  error_code ignored;
  socket_.close(ignored);
  host_.forget(shared_from_this());
}

}  // namespace taskrun::control
