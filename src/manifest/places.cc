#include "manifest/places.h"

#include <algorithm>

namespace taskrun::manifest {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::size_t count_characters(std::string_view text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins));
}

}  // namespace

Places::Places(std::string_view text) : text_(text) {
  marks_.push_back({0, 0, text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0});
  for (std::size_t at = kChunk; at < text.size(); at += kChunk) marks_.push_back(mark_at(at));
}

// From the last known mark at or before `offset`.
Places::Mark Places::mark_at(std::size_t offset) const {
  const std::size_t chunk = std::min(offset / kChunk, marks_.size() - 1);
  Mark mark = marks_[chunk];
  const std::string_view part = text_.substr(chunk * kChunk, offset - chunk * kChunk);
  mark.lines += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
  mark.characters += count_characters(part);
  const std::size_t newline = part.rfind('\n');
  if (newline != std::string_view::npos) mark.line_begin = chunk * kChunk + newline + 1;
  return mark;
}

std::size_t Places::line_begin(std::size_t offset) const { return mark_at(offset).line_begin; }

Place Places::of(std::size_t offset) const {
  const Mark here = mark_at(offset);
  return {here.lines + 1, here.characters - mark_at(here.line_begin).characters + 1};
}

}  // namespace taskrun::manifest
