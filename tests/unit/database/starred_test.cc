#include "database/starred.h"

#include <doctest/doctest.h>

namespace taskrun::database {
namespace {

std::string starred(std::string_view message, std::string_view value) {
  const Value values[] = {Value(value)};
  return database::starred(message, values);
}

TEST_CASE("a value is a star in a message, however its letters are spelled") {
  CHECK(starred("relation \"canary-5f1c\" does not exist", "Canary-5F1C") == "relation \"*\" does not exist");
  CHECK(starred("relation \"canary\" does not exist", "CANARY") == "relation \"*\" does not exist");
  CHECK(starred("unable to open database: /a/canary.db", " /a/canary.db\n") == "unable to open database: *");
  CHECK(starred("canary and canary", "canary") == "* and *");
  CHECK(starred("nothing of it", "canary") == "nothing of it");
  CHECK(starred("", "canary") == "");
}

TEST_CASE("of a long value a piece is a star, too, since servers cut what they quote") {
  const std::string value(100, 'x');
  CHECK(starred("relation \"" + value.substr(0, 63) + "\" does not exist", value) == "relation \"*\" does not exist");
  CHECK(starred("schema \"canary-5f1c\" does not exist", "canary-5f1c.table") == "schema \"*\" does not exist");
  CHECK(starred("canary-here: 'y'", "canary-5f1c") == "canary-here: 'y'");  // 7 in common
}

TEST_CASE("a short value is one only where it stands as a word") {
  CHECK(starred("syntax error at end", "e") == "syntax error at end");
  CHECK(starred("role \"e\" does not exist", "e") == "role \"*\" does not exist");
  CHECK(starred("no pin 1234, but 12345 and x1234 and _1234", "1234") == "no pin *, but 12345 and x1234 and _1234");
  CHECK(starred("it is 'a' b", "'a'") == "it is * b");
  CHECK(starred("is caf\xc3\xa9 \xc3\xa9", "\xc3\xa9") == "is caf\xc3\xa9 *");
}

TEST_CASE("a number is a value, NULL and an empty text are none, and each of several counts") {
  const Value values[] = {Value(std::int64_t{-42}), Value(nullptr), Value(std::string_view("")),
                          Value(std::string_view("  ")), Value(std::string_view("canary"))};
  CHECK(database::starred("-42 is null: canary  x", values) == "* is null: *  x");
  CHECK(database::starred("as it is", {}) == "as it is");
}

TEST_CASE("what is left is made of whole characters") {
  CHECK(starred("x\xc3\xa9"
                "canary1x",
                "\xc4\xa9"
                "canary1") == "x*x");
}

}  // namespace
}  // namespace taskrun::database
