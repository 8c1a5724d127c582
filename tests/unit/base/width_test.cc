#include "base/width.h"

#include <doctest/doctest.h>

namespace taskrun {
namespace {

TEST_CASE("a character of East Asia, or a picture, is two columns wide, a mark none") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("plain") == 5);
  CHECK(columns_of("äöü…") == 4);
  CHECK(columns_of("日本語") == 6);
  CHECK(columns_of("한글 カナ ｶﾅ Ａ") == 4 + 1 + 4 + 1 + 2 + 1 + 2);
  CHECK(columns_of("\U0001f600✅") == 4);
  CHECK(columns_of("e\u0301") == 1);
  CHECK(columns_of("\xff\xfe") == 2);
}

TEST_CASE("a text is cut where the next character would not fit") {
  CHECK(beginning_of("日本語", 6) == "日本語");
  CHECK(beginning_of("日本語", 5) == "日本");
  CHECK(beginning_of("日本語", 1) == "");
  CHECK(beginning_of("e\u0301x", 1) == "e\u0301");
  CHECK(beginning_of("plain", 9) == "plain");
}

}  // namespace
}  // namespace taskrun
