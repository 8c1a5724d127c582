// JSON's own parser says "unexpected token"; people want to know which of the dozen usual mistakes it was. The good
// part of the text tells what could follow; what does follow is compared with what people write there.

#include "manifest/syntax.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"

namespace taskrun::manifest {
namespace {

using Last = GoodPart::Last;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }

// The run of letters, digits and signs at `at`: what was meant as one value or key.
std::string_view word_at(std::string_view text, std::size_t at) {
  const auto is_part = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '+' || c == '.'; };
  const std::string_view rest = text.substr(at);
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_part);
  return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
}

struct Instead {
  std::string_view written;
  std::string_view meant;
};
constexpr std::array<Instead, 8> kWords{{{"True", "true"},
                                         {"TRUE", "true"},
                                         {"yes", "true"},
                                         {"on", "true"},
                                         {"False", "false"},
                                         {"FALSE", "false"},
                                         {"no", "false"},
                                         {"off", "false"}}};

SyntaxFinding wrong_word(std::string_view word, std::size_t at) {
  const std::string message = fmt::format("{} is no JSON value", printable(word, 40));
  for (const Instead& instead : kWords) {
    if (word == instead.written) return {at, message, fmt::format("write {}", instead.meant)};
  }
  const std::string_view bare = word.substr(word.find_first_not_of("+-") == 1 ? 1 : 0);
  if (bare == "NaN" || bare == "nan" || bare == "Infinity" || bare == "inf")
    return {at, message, "JSON has only finite numbers"};
  if (word == "None" || word == "undefined" || word == "nil" || word == "NULL")
    return {at, message, "leave the key out"};
  return {at, message, fmt::format("write it in double quotes: \"{}\"", printable(word, 40))};
}

SyntaxFinding wrong_number(std::string_view word, std::size_t at) {
  const std::string message = fmt::format("{} is no JSON number", printable(word, 40));
  const std::size_t first_digit = word.find_first_of("0123456789");
  if (word[0] == '+') return {at, message, "write it without the plus sign"};
  if (word[0] == '.' || word.starts_with("-.")) return {at, message, "write a 0 before the point"};
  if (word.substr(first_digit).starts_with("0x") || word.substr(first_digit).starts_with("0X")) {
    return {at, message, "write the number in decimal"};
  }
  if (word[first_digit] == '0' && first_digit + 1 < word.size() && is_digit(word[first_digit + 1])) {
    return {at, message, "write it without leading zeros, or in double quotes"};
  }
  if (word.ends_with('.')) return {at, message, "write a digit after the point"};
  return {at, message, "text and durations stand in double quotes"};
}

// What is wrong inside the string that begins at `begin`.
SyntaxFinding wrong_string(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size();) {
    const char c = text[i];
    if (c == '"') break;
    if (c == '\n' || c == '\r')
      return {begin, "this string has no closing quote on its line", "write \\n for a line break"};
    if (static_cast<unsigned char>(c) < 0x20) {
      const std::string escape = c == '\t' ? "\\t" : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      return {i, "a control character stands in a string", fmt::format("write {}", escape)};
    }
    if (c == '\\') {
      const std::string_view escape = text.substr(i, 2);
      if (escape.size() < 2) break;
      const bool is_hex = escape[1] == 'u' && i + 6 <= text.size() &&
                          text.substr(i + 2, 4).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
      if (escape[1] == 'u' && !is_hex) return {i, "\\u wants four hexadecimal digits", ""};
      if (std::string_view("\"\\/bfnrtu").find(escape[1]) == std::string_view::npos) {
        return {i, fmt::format("{} is no escape of JSON", printable(escape)), "write \\\\ for a backslash"};
      }
      i += 2;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return {i, "this byte is not UTF-8", "save the file as UTF-8"};
    i += length;
  }
  const std::size_t end = end_of_string(text, begin);
  if (end - begin > limits::kJsonToken.count) {
    return {begin, fmt::format("this string is longer than {}", format_bytes(limits::kJsonToken)), ""};
  }
  if (end == text.size()) return {begin, "this string is not closed", "write the closing quote"};
  return {begin, "half of a surrogate pair stands in this string", "write the character itself"};
}

// Mistakes that can stand at any place. An empty message: none of them.
SyntaxFinding anywhere(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#')) {
    return {at, "JSON has no comments",
            "take it out, or write \"x-comment\": \"…\": keys that begin with x- are ignored"};
  }
  if (rest.starts_with('\'')) return {at, "JSON has no single quotes", "write double quotes"};
  if (rest.starts_with('`')) return {at, "JSON has no backquotes", "write double quotes"};
  for (const std::string_view quote : {"“", "”", "„", "‘", "’", "«", "»"}) {
    if (rest.starts_with(quote)) return {at, "this is a typographic quote", "write a plain double quote"};
  }
  if (rest.starts_with("\xff\xfe") || rest.starts_with("\xfe\xff"))
    return {at, "the file is UTF-16", "save it as UTF-8"};
  if (utf8_length(rest) == 0) return {at, "this byte is not UTF-8", "save the file as UTF-8"};
  return {};
}

class Explainer {
 public:
  Explainer(std::string_view text, const GoodPart& good) : text_(text), good_(good) {}

  SyntaxFinding explain() const {
    const std::size_t at = skip_blanks(text_, good_.end);
    if (at - good_.end > limits::kJsonToken.count) return {good_.end, "more blanks follow than a manifest has", ""};
    if (good_.last == Last::nothing) return before_anything(at);
    if (good_.open.empty()) return after_the_end(at);
    if (at == text_.size()) return at_end();
    if (good_.last == Last::key) return after_key(at);
    return good_.last == Last::opening ? after_opening(at) : after_value(at);
  }

 private:
  bool in_object() const { return text_[good_.open.back()] == '{'; }
  char closing() const { return in_object() ? '}' : ']'; }

  SyntaxFinding at_end() const {
    const bool in_object = this->in_object();
    return {good_.open.back(),
            fmt::format("this {} is not closed: the file ends first", in_object ? "object" : "array"),
            fmt::format("write the closing {}", closing())};
  }

  SyntaxFinding before_anything(std::size_t at) const {
    if (at == text_.size()) return {good_.end, "the file is empty", "`taskrun init` writes a first manifest"};
    SyntaxFinding finding = anywhere(text_, at);
    if (finding.message.empty() && text_[at] == '"') finding = wrong_string(text_, at);
    if (!finding.message.empty()) return finding;
    return {at, "a manifest is one JSON object", "begin with {"};
  }

  SyntaxFinding after_the_end(std::size_t at) const {
    SyntaxFinding finding = anywhere(text_, at);
    if (!finding.message.empty()) return finding;
    if (text_[at] == '}' || text_[at] == ']') return {at, "this closes nothing", "take it out"};
    return {at, "something follows the end of the manifest", "a manifest is one JSON object"};
  }

  SyntaxFinding after_key(std::size_t at) const {
    if (text_[at] == ':') return value_at(skip_blanks(text_, at + 1), at);
    SyntaxFinding finding = anywhere(text_, at);
    if (!finding.message.empty()) return finding;
    if (text_[at] == '=') return {at, "a colon is wanted between key and value", "write : for ="};
    return {good_.end, "a colon is missing after this key", "write \"key\": value"};
  }

  SyntaxFinding after_opening(std::size_t at) const {
    if (text_[at] == ',') return {at, "nothing stands before this comma", "take it out"};
    return in_object() ? key_at(at) : value_at(at, at);
  }

  SyntaxFinding after_value(std::size_t at) const {
    if (text_[at] != ',') return missing_comma(at);
    const std::size_t next = skip_blanks(text_, at + 1);
    if (next == text_.size()) return at_end();
    if (text_[next] == closing()) return {at, "a comma stands before the closing bracket", "take it out"};
    if (text_[next] == ',') return {next, "two commas follow each other", "take one out"};
    return in_object() ? key_at(next) : value_at(next, at);
  }

  SyntaxFinding missing_comma(std::size_t at) const {
    SyntaxFinding finding = anywhere(text_, at);
    if (!finding.message.empty() && text_[at] != '\'') return finding;
    if (text_[at] == '}' || text_[at] == ']') return wrong_bracket(at);
    if (text_[at] == ':') {
      return in_object() ? SyntaxFinding{at, "a second colon follows a value", "write a comma between members"}
                         : SyntaxFinding{at, "an array has no keys", "write an object: {\"key\": value}"};
    }
    return {good_.end, "a comma is missing here", "write , after this value"};
  }

  SyntaxFinding wrong_bracket(std::size_t at) const {
    return {at, fmt::format("this {} does not close the {} that was opened last", text_[at], text_[good_.open.back()]),
            fmt::format("write {}", closing())};
  }

  SyntaxFinding key_at(std::size_t at) const {
    SyntaxFinding finding = anywhere(text_, at);
    if (!finding.message.empty()) return finding;
    if (text_[at] == '"') return wrong_string(text_, at);
    if (text_[at] == ']' || text_[at] == '}') return wrong_bracket(at);
    const std::string_view word = word_at(text_, at);
    if (word.empty()) return {at, "a key is wanted here", "keys stand in double quotes: \"key\": value"};
    return {at, "a key stands in double quotes", fmt::format("write \"{}\"", printable(word, 40))};
  }

  // `after` is what the value was to follow.
  SyntaxFinding value_at(std::size_t at, std::size_t after) const {
    if (at == text_.size()) return at_end();
    SyntaxFinding finding = anywhere(text_, at);
    if (!finding.message.empty()) return finding;
    const char c = text_[at];
    if (c == '"') return wrong_string(text_, at);
    if (c == ',' || c == '}' || (c == ']' && in_object())) return {after, "a value is missing here", ""};
    if (c == ']') return wrong_bracket(at);
    const std::string_view word = word_at(text_, at);
    if (word.empty())
      return {at, fmt::format("{} begins no JSON value", printable(text_.substr(at, utf8_length(text_.substr(at))))),
              ""};
    const std::size_t digit = word.find_first_not_of("+-.");
    if (digit == std::string_view::npos) return {at, fmt::format("{} is no JSON value", printable(word, 40)), ""};
    if (!is_digit(word[digit])) return wrong_word(word, at);
    if (good_number(word)) return {at, "this number is too large", ""};
    return wrong_number(word, at);
  }

  static bool good_number(std::string_view word) {
    return word.find_first_not_of("0123456789.eE+-") == std::string_view::npos && is_digit(word.back()) &&
           word.find_first_of("eE") != std::string_view::npos && word[0] != '+';
  }

  std::string_view text_;
  const GoodPart& good_;
};

}  // namespace

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin + 1;; ++at) {
    at = text.find('"', at);
    if (at == std::string_view::npos) return text.size();
    std::size_t first_escape = at;
    while (first_escape > begin + 1 && text[first_escape - 1] == '\\') --first_escape;
    if ((at - first_escape) % 2 == 0) return at + 1;
  }
}

SyntaxFinding explain(std::string_view text, const GoodPart& good) { return Explainer(text, good).explain(); }

}  // namespace taskrun::manifest
