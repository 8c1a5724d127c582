#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"
#include "report/json_text.h"

namespace taskrun::report {

/// Writes one JSON object, member by member, at the end of a buffer. Keys are ours and need no escaping.
class LineWriter {
 public:
  explicit LineWriter(std::string& out) : out_(out), start_(out.size()) {}

  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(out_, value);
  }
  /// A value that is known to need no escaping: a word of a closed set, a time, a name.
  void word(std::string_view key, std::string_view value) {
    begin(key, "\":\"");
    out_ += value;
    out_ += '"';
  }
  template <std::integral Number>
  void number(std::string_view key, Number value) {
    begin(key);
    append_number(value);
  }
  void flag(std::string_view key, bool value) { json(key, value ? "true" : "false"); }
  void null(std::string_view key) { json(key, "null"); }
  void time(std::string_view key, WallTime value) { word(key, format_utc(value)); }
  void milliseconds(std::string_view key, Nanos value) { json(key, format_milliseconds(value)); }
  /// `value` is JSON already.
  void json(std::string_view key, std::string_view value) {
    begin(key);
    out_ += value;
  }
  /// An array; `list` holds numbers.
  template <class List>
  void numbers(std::string_view key, const List& list) {
    begin(key);
    char before = '[';
    for (const auto value : list) {
      out_ += before;
      append_number(value);
      before = ',';
    }
    out_ += before == '[' ? "[]" : "]";
  }
  void close() { out_ += out_.size() == start_ ? "{}" : "}"; }

 private:
  void begin(std::string_view key, std::string_view after = "\":") {
    out_.append(out_.size() == start_ ? "{\"" : ",\"", 2);
    out_ += key;
    out_ += after;
  }
  template <std::integral Number>
  void append_number(Number value) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  std::string& out_;
  std::size_t start_;
};

}  // namespace taskrun::report
