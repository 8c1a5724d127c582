#include "process/capture.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"

namespace taskrun::process {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

constexpr std::size_t kLongestCharacter = 4;

// How many bytes at the beginning are the end of a character that was cut.
std::size_t cut_character_at_front(std::string_view text) {
  std::size_t length = 0;
  while (length < std::min(text.size(), kLongestCharacter - 1) && continues_character(text[length])) ++length;
  return length;
}

// How many bytes at the end are the beginning of a character that is not whole.
std::size_t cut_character_at_back(std::string_view text) {
  for (std::size_t length = 1; length < std::min(text.size() + 1, kLongestCharacter); ++length) {
    const std::string_view end = text.substr(text.size() - length);
    if (continues_character(end[0])) continue;
    const bool begins_character = static_cast<unsigned char>(end[0]) >= 0xc2U;
    return begins_character && utf8_length(end) == 0 ? length : 0;
  }
  return 0;
}

}  // namespace

void Tail::append(std::string_view chunk) {
  cut_ = cut_ || ring_.size() + chunk.size() > limit_;
  if (chunk.size() > limit_) chunk.remove_prefix(chunk.size() - limit_);
  const std::size_t grown = std::min(limit_ - ring_.size(), chunk.size());
  ring_.append(chunk.substr(0, grown));
  chunk.remove_prefix(grown);
  while (!chunk.empty()) {
    const std::size_t count = std::min(chunk.size(), limit_ - start_);
    std::copy_n(chunk.begin(), count, ring_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = (start_ + count) % limit_;
    chunk.remove_prefix(count);
  }
}

std::string Tail::text() const {
  std::string text = ring_.substr(start_) + ring_.substr(0, start_);
  if (cut_) text.erase(0, cut_character_at_front(text));
  return text;
}

LineCutter::Cut LineCutter::take(std::string_view& chunk) {
  const std::string_view near = chunk.substr(0, limits::kOutputLine - line_.size());
  const auto newline = near.find('\n');
  line_.append(near.substr(0, newline));
  if (newline != std::string_view::npos) {
    chunk.remove_prefix(newline + 1);
    return Cut::line;
  }
  chunk.remove_prefix(near.size());
  // A line of just the greatest length is whole when its newline comes next.
  if (line_.size() < limits::kOutputLine || chunk.empty()) return Cut::none;
  if (chunk.front() != '\n') return Cut::piece;
  chunk.remove_prefix(1);
  return Cut::line;
}

std::size_t LineCutter::piece_length() const { return line_.size() - cut_character_at_back(line_); }

void ResultText::append(std::string_view chunk) {
  size_ += chunk.size();
  text_.append(chunk.substr(0, limits::kResultSize.count - std::min(text_.size(), limits::kResultSize.count)));
}

std::string ResultText::text() const { return size_ > limits::kResultSize.count ? "" : text_; }

std::string ResultText::error() const {
  if (size_ <= limits::kResultSize.count) return "";
  return "the result is larger than " + format_bytes(limits::kResultSize);
}

}  // namespace taskrun::process
