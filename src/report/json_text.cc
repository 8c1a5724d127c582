// A string's bytes are taken in units: one well-formed character, or the part of an ill-formed one that U+FFFD stands
// for. Encoding, measuring and cutting all walk the same units, so they cannot disagree about where a character ends.
// No unit is shorter encoded than raw, which bounds how much of a large tail has to be looked at.

#include "report/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace taskrun::report {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// How a byte is written: 0 as it is, 'u' as \u00XX, 'm' as part of what is longer than a byte, else \ and the letter.
constexpr std::array<char, 256> make_forms() {
  std::array<char, 256> forms{};
  for (std::size_t c = 0; c < 0x20; ++c) forms[c] = 'u';
  for (std::size_t c = 0x80; c < 0x100; ++c) forms[c] = 'm';
  forms[0x7f] = 'u';
  forms['"'] = '"';
  forms['\\'] = '\\';
  forms['\b'] = 'b';
  forms['\f'] = 'f';
  forms['\n'] = 'n';
  forms['\r'] = 'r';
  forms['\t'] = 't';
  return forms;
}

constexpr std::array<char, 256> kForms = make_forms();

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

char form_of(char c) { return kForms[static_cast<unsigned char>(c)]; }

// Whether `second` may follow the first byte of a character of three or four (the Unicode Standard, table 3-7).
bool may_follow(unsigned char lead, unsigned char second) {
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return lead >= 0xe0 && lead <= 0xf4 && second >= low && second <= high;
}

// The bytes at the start of `text`, which is ill-formed there, that one U+FFFD stands for: those which could still
// have begun a character, at least one.
std::size_t ill_formed_length(std::string_view text) {
  if (text.size() < 2 || !may_follow(byte_at(text, 0), byte_at(text, 1))) return 1;
  const bool third_continues = text.size() > 2 && (byte_at(text, 2) & 0xc0) == 0x80;
  return byte_at(text, 0) >= 0xf0 && third_continues ? 3 : 2;
}

struct Unit {
  std::size_t length;   // raw
  std::size_t encoded;  // as a part of a JSON string
  bool is_ill_formed = false;
};

bool is_c1_control(std::string_view text) { return byte_at(text, 0) == 0xc2 && byte_at(text, 1) < 0xa0; }

Unit next_unit(std::string_view text) {
  const char form = form_of(text[0]);
  if (form == 0) return {1, 1};
  if (form == 'u') return {1, 6};
  if (form != 'm') return {1, 2};
  const std::size_t length = utf8_length(text);
  if (length == 0) return {ill_formed_length(text), kReplacement.size(), true};
  return {length, is_c1_control(text) ? 6 : length};
}

void append_control(std::string& out, unsigned char code) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out += kHex[code >> 4];
  out += kHex[code & 15];
}

// One unit that does not stand for itself. True where it was ill-formed.
bool append_unit(std::string& out, std::string_view text, Unit unit) {
  if (unit.is_ill_formed) {
    out += kReplacement;
  } else if (unit.encoded == 6) {
    append_control(out, byte_at(text, unit.length - 1));
  } else if (unit.encoded == 2 && unit.length == 1) {
    out += '\\';
    out += form_of(text[0]);
  } else {
    out += text.substr(0, unit.length);
  }
  return unit.is_ill_formed;
}

// Whether one of eight bytes does not stand for itself (or stands after one that does not: the borrow may carry).
bool has_special(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  const auto zero_in = [](std::uint64_t w) { return (w - kOnes) & ~w; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  const std::uint64_t above_ascii = word | (word + kOnes);  // 0x7f too
  return ((control | above_ascii | zero_in(word ^ kOnes * '"') | zero_in(word ^ kOnes * '\\')) & kHighs) != 0;
}

// How many bytes at the start of `text` stand for themselves.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  for (std::uint64_t word = 0; length + sizeof word <= text.size(); length += sizeof word) {
    std::memcpy(&word, text.data() + length, sizeof word);
    if (has_special(word)) break;
  }
  while (length < text.size() && form_of(text[length]) == 0) ++length;
  return length;
}

}  // namespace

bool append_json_string(std::string& out, std::string_view bytes) {
  bool is_lossy = false;
  out += '"';
  while (true) {
    const std::size_t plain = plain_length(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    const Unit unit = next_unit(bytes);
    is_lossy |= append_unit(out, bytes, unit);
    bytes.remove_prefix(unit.length);
  }
  out += '"';
  return is_lossy;
}

std::size_t encoded_size(std::string_view bytes) {
  std::size_t size = 0;
  while (true) {
    const std::size_t plain = plain_length(bytes);
    size += plain;
    bytes.remove_prefix(plain);
    if (bytes.empty()) return size;
    const Unit unit = next_unit(bytes);
    size += unit.encoded;
    bytes.remove_prefix(unit.length);
  }
}

std::string_view fitting_tail(std::string_view bytes, std::size_t room) {
  if (bytes.size() > room) {
    bytes.remove_prefix(bytes.size() - room);
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
    for (int i = 0; i < 3 && !bytes.empty() && continues(bytes[0]); ++i) bytes.remove_prefix(1);
  }
  std::size_t size = encoded_size(bytes);
  while (size > room) {
    const Unit unit = next_unit(bytes);
    size -= unit.encoded;
    bytes.remove_prefix(unit.length);
  }
  return bytes;
}

std::string_view fitting_head(std::string_view bytes, std::size_t room) {
  std::size_t length = 0;
  for (std::size_t size = 0; length < bytes.size();) {
    const Unit unit = next_unit(bytes.substr(length));
    size += unit.encoded;
    if (size > room) break;
    length += unit.length;
  }
  return bytes.substr(0, length);
}

}  // namespace taskrun::report
