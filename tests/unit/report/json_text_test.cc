#include "report/json_text.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace taskrun::report {
namespace {

using namespace std::string_view_literals;

std::string encoded(std::string_view bytes) {
  std::string out;
  append_json_string(out, bytes);
  return out.substr(1, out.size() - 2);
}

bool is_lossy(std::string_view bytes) {
  std::string out;
  return append_json_string(out, bytes);
}

// As Python's bytes.decode("utf-8", "replace") has it; R stands for U+FFFD.
std::string replaced(std::string_view bytes) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  const std::string text = encoded(bytes);
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const bool is_replacement = rest.starts_with(kReplacement);
    out += is_replacement ? 'R' : rest[0];
    rest.remove_prefix(is_replacement ? kReplacement.size() : 1);
  }
  return out;
}

TEST_CASE("Text stands for itself, and what JSON or a terminal would take for more is escaped") {
  CHECK(encoded("plain text, 100 %") == "plain text, 100 %");
  CHECK(encoded("\"quoted\" \\ back") == "\\\"quoted\\\" \\\\ back");
  CHECK(encoded("a\nb\tc\rd\be\f") == "a\\nb\\tc\\rd\\be\\f");
  CHECK(encoded("\x1b[31mred\x01\x1f\0"sv) == "\\u001b[31mred\\u0001\\u001f\\u0000");
  CHECK(encoded("\x7f") == "\\u007f");
  CHECK(encoded("\xc2\x85\xc2\x9f\xc2\xa0") == "\\u0085\\u009f\xc2\xa0");
  CHECK(encoded("Ärger € 😀") == "Ärger € 😀");
  CHECK_FALSE(is_lossy("Ärger € 😀 \x01 \xef\xbf\xbd"));
}

TEST_CASE("Each ill-formed sequence becomes one replacement character") {
  struct Case {
    std::string_view bytes, expected;
  };
  for (const Case& c :
       {Case{"a\xff z", "aR z"}, Case{"\x80\x81", "RR"}, Case{"\xc0\xaf", "RR"}, Case{"\xc3", "R"}, Case{"\xc3(", "R("},
        Case{"\xe2\x82", "R"}, Case{"\xe2\x82x", "Rx"}, Case{"\xe2x", "Rx"}, Case{"\xe0\x80\x80", "RRR"},
        Case{"\xed\xa0\x80", "RRR"}, Case{"\xf0\x9f\x98", "R"}, Case{"\xf0\x9f\x98x", "Rx"}, Case{"\xf0\x9fx", "Rx"},
        Case{"\xf0\x80\x80\x80", "RRRR"}, Case{"\xf4\x90\x80\x80", "RRRR"}, Case{"\xf5\x80", "RR"},
        Case{"\xe2\x82\xe2\x82\xac", "R€"}, Case{"\xf4\x8f\xbf", "R"}, Case{"\xed\x9f", "R"}}) {
    CAPTURE(encoded(c.bytes));
    CHECK(replaced(c.bytes) == c.expected);
    CHECK(is_lossy(c.bytes));
  }
}

TEST_CASE("Any two bytes, alone and in text, encode to valid JSON of the size that was told") {
  std::size_t wrong = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes{'x', static_cast<char>(a), static_cast<char>(b), '\xa0', 'y'};
      std::string text;
      append_json_string(text, bytes);
      wrong += text.size() != encoded_size(bytes) + 2 || !nlohmann::json::accept(text) ? 1U : 0U;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("A tail is cut to whole characters by what they take encoded") {
  CHECK(fitting_tail("hello", 5) == "hello");
  CHECK(fitting_tail("hello", 3) == "llo");
  CHECK(fitting_tail("hello", 0) == "");
  CHECK(fitting_tail("", 10) == "");
  CHECK(fitting_tail("a€b", 4) == "€b");
  CHECK(fitting_tail("a€b", 3) == "b");
  CHECK(fitting_tail("😀", 3) == "");
  CHECK(fitting_tail("x\n\n", 4) == "\n\n");
  CHECK(fitting_tail("x\n\n", 3) == "\n");
  CHECK(fitting_tail("\x01\x01\x01", 13) == "\x01\x01");
  CHECK(fitting_tail("\xff\xff\xff", 7) == "\xff\xff");
  CHECK(fitting_tail(std::string(1'000'000, '\x01'), 16'000).size() == 16'000 / 6);
}

TEST_CASE("A head is cut to whole characters by what they take encoded") {
  CHECK(fitting_head("hello", 5) == "hello");
  CHECK(fitting_head("hello", 3) == "hel");
  CHECK(fitting_head("a€b", 3) == "a");
  CHECK(fitting_head("\x01\x01", 11) == "\x01");
  CHECK(fitting_head("", 0) == "");
}

}  // namespace
}  // namespace taskrun::report
