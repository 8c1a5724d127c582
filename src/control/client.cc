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

// Whole lines of `text` go to `take`; false where it wants no more.
bool give_lines(std::string& text, const std::function<bool(std::string_view)>& take) {
  std::size_t begin = 0;
  bool is_wanted = true;
  for (std::size_t end = 0; is_wanted && (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    is_wanted = take(std::string_view(text).substr(begin, end - begin));
  }
  text.erase(0, begin);
  return is_wanted;
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

Result<Reply> Client::follow(std::string_view target, const std::function<bool(std::string_view)>& take) const {
  constexpr unsigned kOk = 200;
  const auto deadline = Clock::now() + patience_;
  const auto fd = send(socket_, patience_, to_bytes("GET", target, ""));
  if (!fd) return tl::unexpected(fd.error());
  ReplyReader reader;
  std::string bytes;
  std::string text;
  while (!reader.is_complete()) {
    const bool is_stream = reader.status() == kOk;
    const auto goes_on = receive(fd->get(), is_stream ? Deadline() : Deadline(deadline), socket_, reader, bytes);
    if (!goes_on) return tl::unexpected(goes_on.error());
    if (reader.status() != 0) text += reader.take_body();
    if (reader.status() == kOk && !give_lines(text, take)) break;
    if (!*goes_on) break;
  }
  return Reply{reader.status(), std::move(text)};
}

}  // namespace taskrun::control
