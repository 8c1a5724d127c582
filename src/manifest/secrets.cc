// A scanner that knows just enough JSON to tell under which key a string stands, and that no malformed text can stop:
// messages about malformed text show lines too.

#include "manifest/secrets.h"

#include <algorithm>

#include "manifest/syntax.h"

namespace taskrun::manifest {
namespace {

// What kind of value stands under a key, also however deep below it.
enum class Secrecy { open, text, all };

bool is_part_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Secrecy secrecy_of(std::string_view key) {
  if (key == "env") return Secrecy::all;
  return key == "with" || key == "stdin" ? Secrecy::text : Secrecy::open;
}

class Finder {
 public:
  Finder(std::string_view text, const std::vector<Span>& windows) : text_(text), windows_(windows) {}

  std::vector<Span> find() {
    if (windows_.empty()) return {};
    std::size_t at = 0;
    while (at < text_.size() && at < windows_.back().end) at = step(at);
    return std::move(found_);
  }

 private:
  // Reads what stands at `at`; returns where to go on.
  std::size_t step(std::size_t at) {
    switch (text_[at]) {
      case '"': return read_string(at);
      case '{':
      case '[': containers_.push_back(value_); return at + 1;
      case '}':
      case ']':
        if (!containers_.empty()) containers_.pop_back();
        value_ = within();
        return at + 1;
      case ',': value_ = within(); return at + 1;
      default: return read_number(at);
    }
  }

  Secrecy within() const { return containers_.empty() ? Secrecy::open : containers_.back(); }

  std::size_t read_string(std::size_t at) {
    const std::size_t end = end_of_string(text_, at);
    const std::size_t next = skip_blanks(text_, end);
    const bool is_key = next < text_.size() && text_[next] == ':';
    if (is_key) {
      value_ = within() != Secrecy::open ? within() : secrecy_of(text_.substr(at + 1, end - at - 2));
    } else if (value_ != Secrecy::open) {
      hide_but_names({at + 1, end - 1});
    }
    return end;
  }

  std::size_t read_number(std::size_t at) {
    std::size_t end = at;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
    if (value_ == Secrecy::all && end > at) hide({at, end});
    return end > at ? end : at + 1;
  }

  // Looks no further than the span: there may be 100,000 of them.
  void hide_but_names(Span span) {
    const std::string_view until = text_.substr(0, span.end);
    while (span.begin < span.end) {
      const std::size_t dollar = std::min(until.find("${", span.begin), span.end);
      hide({span.begin, dollar});
      span.begin = std::min(dollar + 2, span.end);
      while (span.begin < span.end && is_part_of_name(text_[span.begin])) ++span.begin;
      if (span.begin < span.end && text_[span.begin] == '}') ++span.begin;
    }
  }

  void hide(Span span) {
    while (window_ < windows_.size() && windows_[window_].end <= span.begin) ++window_;
    if (span.begin < span.end && window_ < windows_.size() && windows_[window_].begin < span.end)
      found_.push_back(span);
  }

  std::string_view text_;
  const std::vector<Span>& windows_;
  std::size_t window_ = 0;  // the first that may still be touched
  std::vector<Secrecy> containers_;
  Secrecy value_ = Secrecy::open;  // of the next value
  std::vector<Span> found_;
};

}  // namespace

std::vector<Span> find_secrets(std::string_view text, const std::vector<Span>& windows) {
  return Finder(text, windows).find();
}

}  // namespace taskrun::manifest
