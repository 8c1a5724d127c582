#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "process/runner.h"

/// What is kept of a stream that a task writes: its last bytes, or its lines as they come. Memory is bounded by what is
/// kept, never by what is written.
namespace taskrun::process {

/// The last bytes of a stream.
class Tail {
 public:
  explicit Tail(std::size_t limit) : limit_(limit) {}
  void append(std::string_view chunk);
  /// At most `limit` bytes; where something was left out, they begin with a whole UTF-8 character.
  [[nodiscard]] std::string text() const;

 private:
  std::size_t limit_;
  std::string ring_;       // grows to the limit, then is written over
  std::size_t start_ = 0;  // of the oldest byte, once the ring is full
  bool cut_ = false;
};

/// Cuts a stream into lines of at most limits::kOutputLine bytes.
class LineCutter {
 public:
  /// Calls `tell(line, partial)` for every line that ends in `chunk` and for every piece of one that is too long. A
  /// piece ends with a whole UTF-8 character.
  template <class Tell>
  void append(std::string_view chunk, Tell tell);
  /// Tells what came after the last newline, as a partial line.
  template <class Tell>
  void finish(Tell tell);

 private:
  // Takes bytes up to a newline or to the greatest length; what is left of the chunk afterwards.
  enum class Cut { none, line, piece };
  Cut take(std::string_view& chunk);
  [[nodiscard]] std::size_t piece_length() const;
  std::string line_;
};

/// What a task writes to descriptor 3.
class ResultText {
 public:
  void append(std::string_view chunk);
  /// What came, unless there was too much of it.
  [[nodiscard]] std::string text() const;
  /// "" where nothing is wrong.
  [[nodiscard]] std::string error() const;

 private:
  std::string text_;
  std::uint64_t size_ = 0;
};

template <class Tell>
void LineCutter::append(std::string_view chunk, Tell tell) {
  for (;;) {
    const Cut cut = take(chunk);
    if (cut == Cut::none) return;
    const std::size_t length = cut == Cut::line ? line_.size() : piece_length();
    tell(std::string_view(line_).substr(0, length), cut == Cut::piece);
    line_.erase(0, length);
  }
}

template <class Tell>
void LineCutter::finish(Tell tell) {
  if (!line_.empty()) tell(std::string_view(line_), true);
  line_.clear();
}

}  // namespace taskrun::process
