#include "manifest/excerpt.h"

#include <algorithm>

#include "base/text.h"

namespace taskrun::manifest {
namespace {

// How many characters of a long line are shown before and after the place.
constexpr std::size_t kShownBefore = 60;
constexpr std::size_t kShownAfter = 40;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

std::vector<Span> map_windows(const std::vector<std::size_t>& offsets, auto window_of) {
  std::vector<Span> windows;
  windows.reserve(offsets.size());
  for (const std::size_t offset : offsets) windows.push_back(window_of(offset));
  return windows;
}

}  // namespace

Excerpts::Excerpts(std::string_view text, const Places& places, const std::vector<std::size_t>& offsets)
    : text_(text), places_(places) {
  secrets_ = find_secrets(text, map_windows(offsets, [this](std::size_t offset) { return window_of(offset); }));
}

Span Excerpts::window_of(std::size_t offset) const {
  const std::size_t line_begin = places_.line_begin(offset);
  Span window{offset, offset};
  for (std::size_t count = 0; window.begin > line_begin && count < kShownBefore; ++count) {
    do --window.begin;
    while (window.begin > line_begin && continues_character(text_[window.begin]));
  }
  for (std::size_t count = 0; !is_line_end(window.end) && count < kShownAfter; ++count) {
    do ++window.end;
    while (!is_line_end(window.end) && continues_character(text_[window.end]));
  }
  return window;
}

bool Excerpts::is_line_end(std::size_t at) const {
  return at == text_.size() || text_[at] == '\n' || text_[at] == '\r';
}

// Character for character. The string that the message itself is about, in `with`, is not hidden.
std::string Excerpts::shown(Span part, std::size_t offset) const {
  std::string out;
  auto secret = std::lower_bound(secrets_.begin(), secrets_.end(), part.begin,
                                 [](const Span& span, std::size_t at) { return span.end <= at; });
  for (std::size_t at = part.begin; at < part.end;) {
    while (secret != secrets_.end() && secret->end <= at) ++secret;
    const bool is_hidden = secret != secrets_.end() && secret->begin <= at && secret->begin != offset + 1;
    const std::size_t length = std::max<std::size_t>(utf8_length(text_.substr(at)), 1);
    out += is_hidden ? "*" : flattened(text_.substr(at, length));
    at += length;
  }
  return out;
}

Excerpt Excerpts::around(std::size_t offset) const {
  const Span window = window_of(offset);
  const bool is_cut_before = window.begin > places_.line_begin(offset);
  const bool is_cut_after = !is_line_end(window.end);
  const std::string before = (is_cut_before ? "…" : "") + shown({window.begin, offset}, offset);
  const auto continuations = std::count_if(before.begin(), before.end(), continues_character);
  return {before + shown({offset, window.end}, offset) + (is_cut_after ? "…" : ""),
          before.size() - static_cast<std::size_t>(continuations)};
}

}  // namespace taskrun::manifest
