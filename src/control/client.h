#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/http_message.h"

/// The command line's end of the socket. Blocks, but never longer than it was allowed to.
namespace taskrun::control {

/// How long a person waits for a runner before it counts as hung.
inline constexpr std::chrono::seconds kPatience{10};

/// Asks the runner at one socket. The errors say what is so, as a user should read it, and their code is ECONNREFUSED
/// where no runner answers (there is no socket, or nobody behind it), ETIMEDOUT where one is there but silent, EPROTO
/// where what it says is no answer.
class Client {
 public:
  explicit Client(std::string socket, std::chrono::milliseconds patience = kPatience)
      : socket_(std::move(socket)), patience_(patience) {}

  /// One request and its whole answer, whatever its status. `body` is JSON, or "" for none.
  [[nodiscard]] Result<Reply> ask(std::string_view method, std::string_view target, std::string_view body = "") const;

  /// Gives each line of a stream to `take`, without its newline, until the runner ends the stream or `take` answers
  /// false; waits for lines as long as it takes. What is no stream is the answer that came instead.
  [[nodiscard]] Result<Reply> follow(std::string_view target, const std::function<bool(std::string_view)>& take) const;

 private:
  std::string socket_;
  std::chrono::milliseconds patience_;
};

}  // namespace taskrun::control
