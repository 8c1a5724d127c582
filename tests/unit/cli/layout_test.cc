#include <doctest/doctest.h>

#include "cli/columns.h"
#include "cli/table.h"

using namespace taskrun::cli;

TEST_CASE("meanings stand in one column and are wrapped at blanks") {
  CHECK(columns({{"a", "short"},
                 {"longer", "a text that is so long that it does not fit into what is left of the eighty columns"}}) ==
        "  a       short\n"
        "  longer  a text that is so long that it does not fit into what is left of the\n"
        "          eighty columns\n");
}

TEST_CASE("a left side that is too wide has its meaning below") {
  CHECK(columns({{"wide", "w"}, {"wider than that", "x"}}, 4) ==
        "  wide  w\n"
        "  wider than that\n"
        "        x\n");
}

TEST_CASE("a word longer than the line stays whole") {
  const std::string word(90, 'x');
  CHECK(columns({{"a", word}}) == "  a  " + word + "\n");
}

TEST_CASE("a table is aligned, and no line ends with blanks") {
  CHECK(table({}, {"NAME", "WHEN", "TEXT"}, {{{"billing"}, {"10m"}, {""}}, {{"x"}, {""}, {"some text"}}}) ==
        "NAME     WHEN  TEXT\n"
        "billing  10m\n"
        "x              some text\n");
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(table({}, {"A", "B"}, {{{"äöü"}, {"x"}}, {{"abc"}, {"y"}}}) == "A    B\näöü  x\nabc  y\n");
}

TEST_CASE("on a terminal the last column is cut to fit, in a pipe it is whole") {
  const std::vector<std::vector<Cell>> rows{{{"name"}, {"a rather long description"}}};
  CHECK(table({.width = 20}, {"N", "D"}, rows) == "N     D\nname  a rather long…\n");
  CHECK(table({.width = 3}, {"N", "D"}, rows) == "N     D\nname  a rathe…\n");
  CHECK(table({}, {"N", "D"}, rows) == "N     D\nname  a rather long description\n");
}

TEST_CASE("where the last column is not enough, those on the left are cut, too, but none to nothing") {
  const std::vector<std::vector<Cell>> rows{{{"a-very-long-name"}, {"cron */10 * * * *"}, {"now"}, {"some long text"}},
                                            {{"x"}, {""}, {"now"}, {"y"}}};
  CHECK(table({.width = 45}, {"NAME", "SCHEDULE", "NEXT", "D"}, rows) ==
        "NAME        SCHEDULE           NEXT  D\n"
        "a-very-lo…  cron */10 * * * *  now   some lo…\n"
        "x                              now   y\n");
  CHECK(table({.width = 1}, {"NAME", "SCHEDULE", "NEXT", "D"}, rows) ==
        "NAME      SCHEDULE  NEXT  D\n"
        "a-very-…  cron */…  now   some lo…\n"
        "x                   now   y\n");
}

TEST_CASE("wide characters take two columns") {
  CHECK(table({}, {"A", "B"}, {{{"日本"}, {"x"}}, {{"abc"}, {"y"}}}) == "A     B\n日本  x\nabc   y\n");
  CHECK(table({.width = 14}, {"A", "B"}, {{{"abc"}, {"日本語の説明"}}}) == "A    B\nabc  日本語の…\n");
}

TEST_CASE("what is expendable goes first, and the widest of what is elastic is cut before the rest") {
  const std::vector<std::string> heading{"NAME", "SCHEDULE", "NEXT", "HERE", "TEXT"};
  const std::vector<std::vector<Cell>> rows{{{"a-name-of-twenty-char"},
                                             {"a schedule of some thirty chars"},
                                             {"tomorrow"},
                                             {"here"},
                                             {"a text that is longer than sixteen"}}};
  const auto at = [&](std::size_t width) {
    const std::string text = table({.width = width}, heading, rows, Narrowing{{3, 4}, 2});
    return text.substr(text.find('\n') + 1);
  };
  CHECK(at(200) ==
        "a-name-of-twenty-char  a schedule of some thirty chars  tomorrow  here  a text that is longer than "
        "sixteen\n");
  CHECK(at(88) == "a-name-of-twenty-char  a schedule of some thirty chars  tomorrow  here  a text that is …\n");
  CHECK(at(87) == "a-name-of-twenty-char  a schedule of some thirty chars  tomorrow  a text that is longe…\n");
  CHECK(at(81) == "a-name-of-twenty-char  a schedule of some thirty chars  tomorrow\n");
  CHECK(at(60) == "a-name-of-twenty-char  a schedule of some thirty …  tomorrow\n");
  CHECK(at(50) == "a-name-of-twenty-c…  a schedule of some…  tomorrow\n");
  CHECK(at(40) == "a-name-of-twe…  a schedule of…  tomorrow\n");
}

TEST_CASE("colours do not disturb the alignment") {
  const Terminal terminal{.has_colour = true, .width = 80};
  CHECK(table(terminal, {"A", "B"}, {{{"no", Paint::red}, {"x"}}}) ==
        "\x1b[1mA\x1b[0m   \x1b[1mB\x1b[0m\n\x1b[31mno\x1b[0m  x\n");
}
