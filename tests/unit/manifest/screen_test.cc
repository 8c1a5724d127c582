#include "manifest/screen.h"

#include <string>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "loading.h"

namespace taskrun::manifest {
namespace {

// How many bytes it takes before it wants no more; npos: it wants more still.
std::size_t taken(std::string_view text, std::size_t part = 1) {
  Screen screen;
  for (std::size_t at = 0; at < text.size(); at += part) {
    if (!screen.take(text.substr(at, part))) return at;
  }
  return std::string::npos;
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

TEST_CASE("a text that is no JSON object is read no further than its first byte") {
  for (const std::string_view text : {"x", " [1]", "\"a\"", "2026-11-21 a log", "null", "# comment",
                                      "\x7f"
                                      "ELF"}) {
    CAPTURE(text);
    CHECK(taken(text) == text.find_first_not_of(' '));
  }
}

TEST_CASE("grammar that cannot go on ends the reading where it fails") {
  struct Case {
    std::string good;
    char bad;
  };
  const Case cases[] = {
      {"{", '1'},         {"{\"a\"", ','},       {"{\"a\":", ','},      {"{\"a\":", '*'},     {"{\"a\":1", ':'},
      {"{\"a\":1", '{'},  {"{\"a\":1,", '}'},    {"{\"a\":[1", '}'},    {"{\"a\":[", ','},    {"{\"a\":[1,", ']'},
      {"{\"a\":{}", '"'}, {"{\"a\":\"x\"", '"'}, {"{\"a\":\"x\"", '1'}, {"{\"a\":\"x", '\n'}, {"{}", '{'},
  };
  for (const Case& wrong : cases) {
    CAPTURE(wrong.good);
    CHECK(taken(wrong.good + wrong.bad) == wrong.good.size());
    CHECK_FALSE(World().load(wrong.good + wrong.bad).is_valid());
  }
}

TEST_CASE("every manifest of the tests is read whole, in parts of any size") {
  for (const char* const name :
       {"example", "keys", "interpolation", "places", "ranges", "secrets", "warnings", "wrong-types"}) {
    const std::string text = read_test_file(std::string("manifest/") + name + ".json");
    CAPTURE(name);
    for (const std::size_t part : {1UL, 2UL, 7UL, text.size()}) CHECK(taken(text, part) == std::string::npos);
  }
  CHECK(taken("\xef\xbb\xbf {\"tasks\": {\"\\\"\\\\\": [-1.5e+3, true, [], {}, \"\\u00e9\"]}}\r\n\t ") ==
        std::string::npos);
}

TEST_CASE("what is too deep, too long or too much is wrong for the loader, too, as far as it was read") {
  const std::size_t long_token = limits::kJsonToken.count;
  const std::string cases[] = {
      R"({"x-a":)" + repeated("[", 1'000'000),
      R"({"x-a":[)" + repeated("1,", 1'000'000),
      R"({"env":{)" + repeated(R"("a":"1",)", 1'000'000),
      R"({"tasks":{"t":{"tags":[)" + repeated(R"("a",)", 1'000'000),
      R"({"x-a":")" + std::string(2 * long_token, 'a'),
      R"({"x-a":)" + std::string(2 * long_token, '1'),
      "{" + std::string(2 * long_token, ' '),
      std::string(2 * long_token, '\n'),
  };
  for (const std::string& text : cases) {
    CAPTURE(text.substr(0, 30));
    const std::size_t part = 65'536;
    const std::size_t at = taken(text, part);
    REQUIRE(at != std::string::npos);
    CHECK(at <= long_token);
    const Loaded loaded = World().load(std::string_view(text).substr(0, at + part));
    CHECK_FALSE(loaded.is_valid());
  }
}

TEST_CASE("a hundred thousand tasks are not too much, nor are blanks at the end") {
  std::string text = "{\"tasks\":{" + repeated(R"("t":{"shell":"true","tags":["a","b"]},)", 100'000);
  text.back() = '}';
  CHECK(taken(text + "}" + std::string(2 * limits::kJsonToken.count, '\n'), 65'536) == std::string::npos);
}

TEST_CASE("what is cut off, or goes on after its end, is not whole") {
  const auto is_whole = [](std::string_view text) {
    Screen screen;
    static_cast<void>(screen.take(text));
    return screen.is_whole();
  };
  const std::string text = R"({"tasks": {"a": {"shell": "x"}}})";
  for (std::size_t length = 0; length < text.size(); ++length) CHECK_FALSE(is_whole(text.substr(0, length)));
  CHECK(is_whole(text));
  CHECK(is_whole(text + " \n"));
  CHECK_FALSE(is_whole(text + "}"));
  CHECK_FALSE(is_whole(text + " x"));
}

TEST_CASE("a text said to be broken has the same mistakes, and is whole if it is not broken") {
  const std::string text = R"({"tasks": {"a": {"shell": "x"}, "b": {"shell": "x", "evry": "1s"}, "c": {"shell": "x"}})";
  World world;
  Surroundings around = world.surroundings();
  const std::string told_of_cut = told(load(text, around));
  const std::string told_of_whole = told(load(text + "}", around));
  around.is_broken = true;
  CHECK(told(load(text, around)) == told_of_cut);
  CHECK(told(load(text + "}", around)) == told_of_whole);
  CHECK(load(R"({"tasks": {"a": {"shell": "x"}}})", around).manifest.tasks.size() == 1);
}

TEST_CASE("duplicates among thousands of names are each told once, with the first") {
  std::string text = "{\"tasks\":{";
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3'000; ++i) text += "\"t" + std::to_string(i) + R"(":{"shell":"true"},)";
  }
  text.back() = '}';
  const Loaded loaded = World().load(text + "}");
  CHECK(loaded.diagnostics.size() + loaded.more_errors == 3'000);
}

}  // namespace
}  // namespace taskrun::manifest
