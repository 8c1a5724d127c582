#include "base/text.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

namespace taskrun {
namespace {

using namespace std::string_view_literals;

TEST_CASE("A name begins with a letter or digit and has at most 64 plain characters") {
  for (const std::string_view name : {"a"sv, "billing"sv, "Z9"sv, "0"sv, "a.b_c-D"sv}) CHECK(is_name(name));
  CHECK(is_name(std::string(64, 'x')));
  CHECK_FALSE(is_name(std::string(65, 'x')));
  for (const std::string_view name :
       {""sv, "."sv, ".."sv, "-a"sv, "_a"sv, "a b"sv, "a/b"sv, "a\n"sv, "a\0"sv, "é"sv, "a\"b"sv, "a\xe2\x80\xae"sv}) {
    CAPTURE(name);
    CHECK_FALSE(is_name(name));
  }
}

TEST_CASE("The nearest candidate is offered, and none where none is near") {
  static constexpr std::array kKeys{"timeout"sv, "grace"sv, "every"sv, "env"sv, "env_file"sv, "on_failure"sv, "cwd"sv};
  const auto offer = [](std::string_view word) { return nearest(word, kKeys).value_or("nothing"); };
  CHECK(offer("timout") == "timeout");
  CHECK(offer("tiemout") == "timeout");
  CHECK(offer("TimeOut") == "timeout");
  CHECK(offer("timeouts") == "timeout");
  CHECK(offer("evry") == "every");
  CHECK(offer("enviroment") == "nothing");
  CHECK(offer("cdw") == "cwd");
  CHECK(offer("onfailure") == "on_failure");
  CHECK(offer("on-failure") == "on_failure");
  CHECK(offer("schedule") == "nothing");
  CHECK(offer("xyz") == "nothing");
  CHECK(offer("") == "nothing");
  CHECK(offer(std::string(10'000, 't')) == "nothing");
  CHECK_FALSE(nearest("timeout", {}).has_value());
}

TEST_CASE("Of two that are as near the first is offered") {
  static constexpr std::array kKeys{"bat"sv, "cat"sv};
  CHECK(nearest("rat", kKeys) == "bat");
}

// The Unicode Standard, table 3-7, at its edges.
TEST_CASE("A well-formed character has a length, and nothing else has") {
  struct Case {
    std::string_view text;
    std::size_t length;
  };
  for (const Case& c : {Case{"", 0},
                        Case{"a", 1},
                        Case{"\0"sv, 1},
                        Case{"\x7f", 1},
                        Case{"\x80", 0},
                        Case{"\xbf", 0},
                        Case{"\xc0\x80", 0},
                        Case{"\xc1\xbf", 0},
                        Case{"\xc2\x80", 2},
                        Case{"\xdf\xbf", 2},
                        Case{"\xc2", 0},
                        Case{"\xc2\x41", 0},
                        Case{"\xe0\x9f\xbf", 0},
                        Case{"\xe0\xa0\x80", 3},
                        Case{"\xed\x9f\xbf", 3},
                        Case{"\xed\xa0\x80", 0},
                        Case{"\xee\x80\x80", 3},
                        Case{"\xef\xbf\xbf", 3},
                        Case{"\xe2\x82", 0},
                        Case{"\xf0\x8f\xbf\xbf", 0},
                        Case{"\xf0\x90\x80\x80", 4},
                        Case{"\xf4\x8f\xbf\xbf", 4},
                        Case{"\xf4\x90\x80\x80", 0},
                        Case{"\xf5\x80\x80\x80", 0},
                        Case{"\xff", 0},
                        Case{"\xf0\x9f\x98", 0},
                        Case{"ab", 1},
                        Case{"€x", 3}}) {
    CAPTURE(printable(c.text));
    CHECK(utf8_length(c.text) == c.length);
  }
}

TEST_CASE("What would move the cursor or reorder the text is shown by its code") {
  CHECK(printable("plain Ärger € 😀") == "plain Ärger € 😀");
  CHECK(printable("a\nb\x1b[31m") == "a\\u{000a}b\\u{001b}[31m");
  CHECK(printable("\0\x7f"sv) == "\\u{0000}\\u{007f}");
  CHECK(printable("\xc2\x85") == "\\u{0085}");
  CHECK(printable("txt.\xe2\x80\xae"
                  "exe") == "txt.\\u{202e}exe");
  CHECK(printable("\xe2\x81\xa6\xd8\x9c\xef\xbb\xbf") == "\\u{2066}\\u{061c}\\u{feff}");
  CHECK(printable("\xff\xc3(") == "\\xff\\xc3(");
}

TEST_CASE("What is shown is cut at characters") {
  CHECK(printable("hello", 5) == "hello");
  CHECK(printable("hello", 4) == "hell…");
  CHECK(printable("€€€", 2) == "€€…");
  CHECK(printable("", 0) == "");
  CHECK(printable(std::string(1'000, 'x')).size() == 200 + "…"sv.size());
}

}  // namespace
}  // namespace taskrun
