#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "control/http_message.h"
#include "sys/fd.h"

/// The command line's end of the socket. Blocks, but never longer than it was allowed to.
namespace taskrun::control {

/// How long a person waits for a runner before it counts as hung.
inline constexpr std::chrono::seconds kPatience{8};

/// A stream of event lines that a runner has begun.
class EventStream {
 public:
  EventStream(std::string socket, sys::Fd fd, ReplyReader reader, std::string unread);

  /// Readable where read() has something new; but what came with the beginning is there at once: has_lines().
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool has_lines() const { return text_.find('\n') != std::string::npos; }
  /// The runner has ended the stream, and every line of it was read.
  [[nodiscard]] bool has_ended() const { return reader_.is_complete() && !has_lines(); }
  /// The whole lines that have come, without their newlines; perhaps none yet. Blocks where there is nothing to read.
  /// The error's code is ECONNRESET where the runner went away in the middle.
  [[nodiscard]] Result<std::vector<std::string>> read();

 private:
  std::string socket_;
  sys::Fd fd_;
  ReplyReader reader_;
  std::string bytes_;  // not yet taken apart
  std::string text_;   // lines, the last one perhaps a part
};

/// Asks the runner at one socket. The errors say what is so, as a user should read it, and their code is ECONNREFUSED
/// where no runner answers (there is no socket, or nobody behind it), ETIMEDOUT where one is there but silent, EPROTO
/// where what it says is no answer.
class Client {
 public:
  explicit Client(std::string socket, std::chrono::milliseconds patience = kPatience)
      : socket_(std::move(socket)), patience_(patience) {}

  /// One request and its whole answer, whatever its status. `body` is JSON, or "" for none.
  [[nodiscard]] Result<Reply> ask(std::string_view method, std::string_view target, std::string_view body = "") const;

  /// Opens a stream. What is none is the answer that came instead.
  [[nodiscard]] Result<std::variant<EventStream, Reply>> follow(std::string_view target) const;

 private:
  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace taskrun::control
