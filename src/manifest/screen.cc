#include "manifest/screen.h"

#include "base/limits.h"

namespace taskrun::manifest {
namespace {

constexpr std::size_t kTopKeyShown = 8;  // enough to tell "tasks" from the others

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_part_of_atom(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}
bool is_byte_order_mark(char c) { return c == '\xef' || c == '\xbb' || c == '\xbf'; }

}  // namespace

bool Screen::take(std::string_view part) {
  for (const char c : part) {
    has_refused_ = has_refused_ || !step(c) || (++length_ > limits::kJsonToken.count && awaits_ != Awaits::end);
    if (has_refused_) return false;
  }
  return true;
}

bool Screen::step(char c) {
  if (within_ == Within::string) return step_in_string(c);
  if (within_ == Within::escape) {
    within_ = Within::string;
    return true;
  }
  if (within_ == Within::atom) {
    if (is_part_of_atom(c)) return true;
    within_ = Within::nothing;
    length_ = 0;
  }
  if (is_blank(c)) return true;
  length_ = 0;
  return begin(c);
}

bool Screen::step_in_string(char c) {
  if (is_key_ && closing_.size() == 1 && top_key_.size() < kTopKeyShown && c != '"') top_key_ += c;
  if (c == '\\') {
    within_ = Within::escape;
  } else if (c == '"') {
    within_ = Within::nothing;
    awaits_ = is_key_ ? Awaits::colon : Awaits::comma;
    length_ = 0;
  }
  return static_cast<unsigned char>(c) >= 0x20;
}

// What follows a token or blanks.
bool Screen::begin(char c) {
  switch (c) {
    case '"': return begin_string();
    case '{':
    case '[': return open(c);
    case '}':
    case ']': return close(c);
    case ':':
      if (awaits_ != Awaits::colon) return false;
      awaits_ = Awaits::value;
      return true;
    case ',':
      if (awaits_ != Awaits::comma) return false;
      awaits_ = closing_.back() == '}' ? Awaits::key : Awaits::value;
      return true;
    default: break;
  }
  if (awaits_ == Awaits::root) return is_byte_order_mark(c);
  if (!awaits_value() || !is_part_of_atom(c)) return false;
  within_ = Within::atom;
  return begin_value();
}

bool Screen::begin_string() {
  is_key_ = awaits_key();
  if (!is_key_ && !awaits_value()) return false;
  within_ = Within::string;
  if (!is_key_) return begin_value();
  begin_member();
  return true;
}

// Values are counted anew in each member of the top level, and in each task: load() has one of them in memory.
void Screen::begin_member() {
  if (closing_.size() == 1) top_key_.clear();
  const bool may_be_tasks = top_key_ == "tasks" || top_key_.find('\\') != std::string::npos;
  if (closing_.size() == 1 || (closing_.size() == 2 && may_be_tasks)) values_ = 0;
}

// One more than load() takes, which then sees the whole of the value that is too much.
bool Screen::begin_value() {
  awaits_ = Awaits::comma;
  return ++values_ <= limits::kJsonValues + 2;
}

bool Screen::open(char bracket) {
  const bool is_object = bracket == '{';
  if (awaits_ == Awaits::root ? !is_object : !awaits_value()) return false;
  if (closing_.size() > limits::kJsonDepth || !begin_value()) return false;
  closing_ += is_object ? '}' : ']';
  awaits_ = is_object ? Awaits::first_key : Awaits::first_value;
  return true;
}

bool Screen::close(char bracket) {
  const bool may_close = awaits_ == Awaits::first_key || awaits_ == Awaits::first_value || awaits_ == Awaits::comma;
  if (!may_close || closing_.empty() || closing_.back() != bracket) return false;
  closing_.pop_back();
  awaits_ = closing_.empty() ? Awaits::end : Awaits::comma;
  return true;
}

}  // namespace taskrun::manifest
