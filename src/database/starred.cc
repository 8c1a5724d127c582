#include "database/starred.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace taskrun::database {
namespace {

// Shorter than this, what a message and a value share may be chance.
constexpr std::size_t kTelling = 8;
constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string folded(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_of_word(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

bool goes_on_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    const std::size_t begin = std::min(text->find_first_not_of(kBlanks), text->size());
    return folded(text->substr(begin, text->find_last_not_of(kBlanks) + 1 - begin));
  }
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::to_string(*number) : "";
}

class Stars {
 public:
  explicit Stars(std::string_view message) : message_(message), folded_(folded(message)), is_hidden_(message.size()) {
    for (std::size_t i = 0; i + kTelling <= folded_.size(); ++i) {
      places_[std::string_view(folded_).substr(i, kTelling)].push_back(i);
    }
  }

  void hide(std::string_view value) {
    if (value.size() >= kTelling) {
      hide_stretches(value);
    } else if (!value.empty()) {
      hide_word(value);
    }
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < message_.size(); ++i) {
      if (!is_hidden_[i]) {
        out += message_[i];
      } else if (i == 0 || !is_hidden_[i - 1]) {
        out += '*';
      }
    }
    return out;
  }

 private:
  void hide_stretches(std::string_view value) {
    for (std::size_t i = 0; i + kTelling <= value.size(); ++i) {
      const auto found = places_.find(value.substr(i, kTelling));
      if (found == places_.end()) continue;
      for (const std::size_t place : found->second) mark(place, kTelling);
      places_.erase(found);
    }
  }

  void hide_word(std::string_view value) {
    for (std::size_t i = folded_.find(value); i != std::string::npos; i = folded_.find(value, i + 1)) {
      const std::size_t end = i + value.size();
      const bool begins = i == 0 || !is_of_word(folded_[i - 1]) || !is_of_word(value.front());
      const bool ends = end == folded_.size() || !is_of_word(folded_[end]) || !is_of_word(value.back());
      if (begins && ends) mark(i, value.size());
    }
  }

  // Whole characters: what is left is text.
  void mark(std::size_t begin, std::size_t size) {
    std::size_t end = begin + size;
    while (begin > 0 && goes_on_a_character(folded_[begin])) --begin;
    while (end < folded_.size() && goes_on_a_character(folded_[end])) ++end;
    for (std::size_t i = begin; i < end; ++i) is_hidden_[i] = true;
  }

  std::string_view message_;
  std::string folded_;
  std::vector<bool> is_hidden_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> places_;  // of each stretch that tells
};

}  // namespace

std::string starred(std::string_view message, std::span<const Value> values) {
  if (values.empty()) return std::string(message);
  Stars stars(message);
  for (const Value& value : values) stars.hide(text_of(value));
  return stars.text();
}

}  // namespace taskrun::database
