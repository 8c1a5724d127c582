#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// HTTP/1.1 as bytes: what a peer has sent becomes a message or a refusal, and ours become bytes. No socket, no clock;
/// the only file that knows the parser behind it is http_message.cc.
namespace taskrun::control {

struct Request {
  std::string method;
  std::string target;  ///< begins with '/', but for "*" and what is wrong
  std::string body;
  bool keep_alive = true;
  bool takes_chunks = true;             ///< false of HTTP/1.0
  std::string accept = "";              ///< what it may be answered with; "": anything
  std::vector<std::string> hosts = {};  ///< whom it is meant for; there should be one
};

/// Why a message is not read further: the status to answer with, the code and the message of the error.
struct Rejection {
  unsigned status = 400;
  std::string_view code;
  std::string message;
};

/// Reads one request, however its bytes are cut. Bounded by limits::kControlHead and limits::kControlBody.
class RequestReader {
 public:
  enum class State {
    reading,
    complete,  ///< request() is there
    rejected,  ///< rejection() is there; nothing more is to be read from this peer
  };
  RequestReader();
  RequestReader(RequestReader&&) noexcept;
  RequestReader& operator=(RequestReader&&) noexcept;
  ~RequestReader();

  /// Takes what it needs from the beginning of `bytes`, and removes it there.
  State feed(std::string& bytes);
  /// Whether anything of a request has come.
  [[nodiscard]] bool has_begun() const;
  /// True once, where the peer waits to be told that it may send its body.
  [[nodiscard]] bool take_continue();
  /// What is asked for in the absolute form, as a proxy is, is meant for the host that stands there: that replaces the
  /// one in the head, where there is one as there must be (RFC 9112, 3.2.2).
  [[nodiscard]] Request take_request();
  [[nodiscard]] const Rejection& rejection() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Reads one answer, its body in the pieces in which it comes.
class ReplyReader {
 public:
  ReplyReader();
  ReplyReader(ReplyReader&&) noexcept;
  ReplyReader& operator=(ReplyReader&&) noexcept;
  ~ReplyReader();

  /// Takes what it can from the beginning of `bytes`. Fails where they are no answer.
  [[nodiscard]] Result<void> feed(std::string& bytes);
  /// The peer has closed. Fails where the answer was not complete.
  [[nodiscard]] Result<void> end();
  [[nodiscard]] bool is_complete() const;
  /// 0 until the head is there.
  [[nodiscard]] unsigned status() const;
  /// What of the body has come since the last call.
  [[nodiscard]] std::string take_body();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// An answer with its head. `allow` is a list of methods, "" for none.
struct Reply {
  unsigned status = 200;
  std::string body;
  std::string allow = "";
  std::string_view type = "application/json";  ///< of the body
  bool is_head_only = false;                   ///< the length of the body is told, and it is left out
};

[[nodiscard]] std::string to_bytes(const Reply& reply, bool keep_alive);
/// The head of an answer, 200, whose body comes in chunks; the last one ends it.
[[nodiscard]] std::string chunked_head(std::string_view type, bool keep_alive);
/// The same for a peer that knows no chunks: the end of the connection is that of the body.
[[nodiscard]] std::string unframed_head(std::string_view type);
[[nodiscard]] std::string chunk(std::string_view bytes);
inline constexpr std::string_view kJsonLines = "application/x-ndjson";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

[[nodiscard]] std::string to_bytes(std::string_view method, std::string_view target, std::string_view body);

}  // namespace taskrun::control
