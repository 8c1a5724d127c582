#include "control/client.h"

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include "sys/unix_socket.h"

namespace taskrun::control {
namespace {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;  // none: for ever

tl::unexpected<Error> no_runner(const std::string& socket, int code) {
  if (code == ENOENT || code == ECONNREFUSED) {
    return fail(fmt::format("no runner answers at '{}'", socket), ECONNREFUSED);
  }
  if (code == EAGAIN || code == ETIMEDOUT) return fail(fmt::format("the runner at '{}' is silent", socket), ETIMEDOUT);
  return fail_errno(fmt::format("cannot ask the runner at '{}'", socket), code);
}

// Whether there is something to read before the deadline.
Result<void> await(int fd, const Deadline& deadline, const std::string& socket) {
  while (true) {
    int wait = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
      if (left <= 0) return no_runner(socket, ETIMEDOUT);
      wait = static_cast<int>(left);
    }
    pollfd one{fd, POLLIN, 0};
    const int ready = ::poll(&one, 1, wait);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return no_runner(socket, errno);
  }
}

// A runner that refuses may close before it has read everything: its answer is there all the same.
Result<sys::Fd> send(const std::string& socket, std::chrono::milliseconds patience, const std::string& bytes) {
  auto fd = sys::connect_unix(socket, patience);
  if (!fd) return no_runner(socket, fd.error().code);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(fd->get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE) break;
    if (count < 0) return no_runner(socket, errno);
    sent += static_cast<std::size_t>(count);
  }
  return fd;
}

tl::unexpected<Error> no_answer(const std::string& socket, const Error& error) {
  return fail(fmt::format("what is at '{}' gives no answer: {}", socket, error.message), EPROTO);
}

// One read into the reader; false where the peer has closed.
Result<bool> receive(int fd, const Deadline& deadline, const std::string& socket, ReplyReader& reader,
                     std::string& bytes) {
  if (auto ready = await(fd, deadline, socket); !ready) return tl::unexpected(ready.error());
  std::array<char, 16 * 1024> chunk;
  const auto count = sys::read_some(fd, chunk);
  if (!count && count.error().code != ECONNRESET) return no_runner(socket, count.error().code);
  if (!count || *count == 0) {
    if (auto ended = reader.end(); !ended) return no_answer(socket, ended.error());
    return false;
  }
  bytes.append(chunk.data(), *count);
  if (auto fed = reader.feed(bytes); !fed) return no_answer(socket, fed.error());
  return true;
}

// The whole lines of `text`, taken out of it.
std::vector<std::string> take_lines(std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  text.erase(0, begin);
  return lines;
}

}  // namespace

Result<Reply> Client::ask(std::string_view method, std::string_view target, std::string_view body) const {
  const auto deadline = Clock::now() + patience_;
  const auto fd = send(socket_, patience_, to_bytes(method, target, body));
  if (!fd) return tl::unexpected(fd.error());
  ReplyReader reader;
  std::string bytes;
  while (!reader.is_complete()) {
    const auto goes_on = receive(fd->get(), deadline, socket_, reader, bytes);
    if (!goes_on) return tl::unexpected(goes_on.error());
    if (!*goes_on) break;
  }
  return Reply{reader.status(), reader.take_body()};
}

Result<std::variant<EventStream, Reply>> Client::follow(std::string_view target) const {
  constexpr unsigned kOk = 200;
  const auto deadline = Clock::now() + patience_;
  auto fd = send(socket_, patience_, to_bytes("GET", target, ""));
  if (!fd) return tl::unexpected(fd.error());
  ReplyReader reader;
  std::string bytes;
  while (!reader.is_complete()) {
    if (reader.status() == kOk) return EventStream(socket_, *std::move(fd), std::move(reader), std::move(bytes));
    const auto goes_on = receive(fd->get(), deadline, socket_, reader, bytes);
    if (!goes_on) return tl::unexpected(goes_on.error());
    if (!*goes_on) break;
  }
  if (reader.status() == kOk) return EventStream(socket_, *std::move(fd), std::move(reader), std::move(bytes));
  return Reply{reader.status(), reader.take_body()};
}

// Streams. -----------------------------------------------------------------------------------------------------------

EventStream::EventStream(std::string socket, sys::Fd fd, ReplyReader reader, std::string unread)
    : socket_(std::move(socket)), fd_(std::move(fd)), reader_(std::move(reader)), bytes_(std::move(unread)) {
  text_ = reader_.take_body();
}

Result<std::vector<std::string>> EventStream::read() {
  if (has_lines() || reader_.is_complete()) return take_lines(text_);
  const auto goes_on = receive(fd_.get(), Deadline(), socket_, reader_, bytes_);
  if (!goes_on || (!*goes_on && !reader_.is_complete())) {
    return fail(fmt::format("the runner at '{}' went away", socket_), ECONNRESET);
  }
  text_ += reader_.take_body();
  return take_lines(text_);
}

}  // namespace taskrun::control
