// Input that nobody wrote: cut, damaged, very deep, very wrong.

#include <algorithm>
#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/limits.h"
#include "loading.h"

namespace taskrun::manifest {
namespace {

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

// What holds for every answer, whatever the text was.
void check_answer(const Loaded& loaded) {
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    CHECK_FALSE(diagnostic.message.empty());
    CHECK(diagnostic.line >= 1);
    CHECK(diagnostic.column >= 1);
    CHECK(diagnostic.caret <= characters(diagnostic.source_line));
    CHECK(characters(diagnostic.source_line) <= 102);
  }
}

TEST_CASE("the example manifest is good, and wrong where it is cut at any byte") {
  const std::string text = read_test_file("manifest/example.json");
  CHECK(told(World().load(text)) == "");
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    CAPTURE(length);
    const Loaded loaded = World().load(std::string_view(text).substr(0, length));
    REQUIRE_FALSE(loaded.is_valid());
    check_answer(loaded);
  }
}

TEST_CASE("no damage to a manifest makes the loader fail to answer") {
  const std::string example = read_test_file("manifest/example.json") + read_test_file("manifest/keys.json");
  const std::string_view tokens[] = {"{",
                                     "}",
                                     "[",
                                     "]",
                                     ",",
                                     ":",
                                     "\"",
                                     "\\",
                                     "${",
                                     "$",
                                     "\\u0000",
                                     "\\ud800",
                                     "null",
                                     "1e999",
                                     "-",
                                     "//",
                                     "\n",
                                     "\xff",
                                     "\xef\xbb\xbf",
                                     "\"tasks\"",
                                     "\"defaults\"",
                                     "\"env\"",
                                     std::string_view("\0", 1)};
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text = example.substr(0, 200 + random() % 1500);
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      text.replace(at, random() % 3, tokens[random() % std::size(tokens)]);
    }
    CAPTURE(text);
    check_answer(World().load(text));
  }
}

TEST_CASE("nesting is refused below 64 levels, however deep it goes") {
  const auto nested = [](std::size_t depth) {
    return R"({"tasks": {}, "x-deep": )" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  CHECK(told(World().load(nested(64))) == "");
  CHECK(told(World().load(nested(65))) == "1:88 this is nested deeper than 64 levels\n");
  CHECK(told(World().load(nested(1'000'000))) == "1:88 this is nested deeper than 64 levels\n");
  const std::string unclosed = "{\"a\":" + std::string(1'000'000, '[');
  CHECK(told(World().load(unclosed)) == "1:69 this is nested deeper than 64 levels\n");
}

TEST_CASE("a task or section of too many values is refused before it fills the memory") {
  const auto with_values = [](std::size_t count) {
    std::string text = R"({"tasks": {}, "x-many": [0)";
    for (std::size_t i = 2; i < count; ++i) text += ",0";
    return text + "]}";
  };
  CHECK(told(World().load(with_values(limits::kJsonValues))) == "");
  CHECK(told(World().load(with_values(limits::kJsonValues + 1))) ==
        "1:200024 \"x-many\" holds more than 100000 values\n");
}

TEST_CASE("a thousand mistakes are told by the first hundred and counted") {
  std::string text = "{\"tasks\": {";
  for (int i = 0; i < 1000; ++i) text += "\n  \"t" + std::to_string(i) + "\": {\"shell\": \"x\", \"evry\": 1},";
  text.back() = '}';
  const Loaded loaded = World().load(text + "}");
  CHECK(loaded.diagnostics.size() == limits::kDiagnostics);
  CHECK(loaded.more_errors == 900);
  CHECK(loaded.more_warnings == 0);
  CHECK(loaded.diagnostics.front().line == 2);
  CHECK(loaded.diagnostics.back().line == 101);
}

TEST_CASE("a file of nothing but mistakes is read no further after the ten thousandth") {
  std::string tasks, duplicates;
  for (int i = 0; i < 20'000; ++i) {
    tasks += "\"t" + std::to_string(i) + "\": {},";
    duplicates += "\"t\": {\"shell\": \"x\"},";
  }
  for (const std::string& wrong : {tasks, duplicates}) {
    const Loaded loaded = World().load("{\"tasks\": {" + wrong + "\"z\": {\"shell\": \"x\"}}}");
    CHECK(loaded.diagnostics.size() == limits::kDiagnostics);
    CHECK(loaded.more_errors == limits::kDiagnosticsCounted - limits::kDiagnostics);
  }
}

TEST_CASE("warnings are counted apart, so that they hide no error") {
  std::string text = "{\"tasks\": {";
  for (int i = 0; i < 150; ++i) text += "\n  \"t" + std::to_string(i) + "\": {\"command\": [\"absent\"]},";
  const Loaded loaded = World().load(text + "\n \"last\": {}}}");
  CHECK(loaded.diagnostics.size() == limits::kDiagnostics + 1);
  CHECK(loaded.more_warnings == 50);
  CHECK(loaded.diagnostics.back().message == "task \"last\" has nothing to run");
}

TEST_CASE("many tasks and keys are told apart, also when their names are written differently") {
  std::string text = "{\"tasks\": {";
  for (int i = 0; i < 5000; ++i) text += "\n\"t" + std::to_string(i) + "\": {\"shell\": \"x\"},";
  CHECK(World().load(text + "\"z\": {\"shell\": \"x\"}}}").manifest.tasks.size() == 5001);
  CHECK(told(World().load(text + "\"\\u0074\\u0037\": {\"shell\": \"x\"}}}")) ==
        "5001:25 \"t7\" is given twice; first at line 9, column 1 | keep one of them\n");
}

TEST_CASE("hostile names are refused and shown harmless") {
  const auto told_of = [](const std::string& name) {
    return told(World().load("{\"tasks\": {\"" + name + "\": {\"shell\": \"x\"}}}"));
  };
  const std::string hint =
      std::string(" | a name is 1 to 64 letters, digits, \".\", \"_\" and \"-\", and begins with a letter or digit\n");
  CHECK(told_of("") == "1:12 \"\" is not a task name" + hint);
  CHECK(told_of("..") == "1:12 \"..\" is not a task name" + hint);
  CHECK(told_of("a\\nb") == "1:12 \"a\\u{000a}b\" is not a task name" + hint);
  CHECK(told_of("a\\\"b") == "1:12 \"a\"b\" is not a task name" + hint);
  CHECK(told_of("a\\u202eb") == "1:12 \"a\\u{202e}b\" is not a task name" + hint);
  CHECK(told_of(std::string(1 << 20, 'x')) == "1:12 \"" + std::string(70, 'x') + "…\" is not a task name" + hint);
}

TEST_CASE("places are right far into a long line and a long file") {
  std::string text = "{\"x-a\": \"";
  for (int i = 0; i < 100'000; ++i) text += "é";
  text += "\",\n" + std::string(70'000, '\n') + " \"tasks\": {}, \"oops\": 1}";
  CHECK(told(World().load(text)) ==
        "70002:15 unknown key \"oops\" at the top level | keys of your own begin with \"x-\"\n");
  std::erase(text, '\n');
  CHECK(told(World().load(text)) ==
        "1:100026 unknown key \"oops\" at the top level | keys of your own begin with \"x-\"\n");
}

TEST_CASE("a mistake after a hundred thousand secrets is told as soon as any other") {
  std::string text = R"({"tasks": {)";
  for (int i = 0; i < 100'000; ++i) text += fmt::format(R"("t{}": {{"shell": "true", "env": {{"A": "b"}}}}, )", i);
  text += R"("last": {"shel": "true"}}})";
  const Loaded loaded = World().load(text);
  REQUIRE(loaded.diagnostics.size() == 2);
  CHECK(loaded.diagnostics.back().hint == "did you mean \"shell\"?");
}

}  // namespace
}  // namespace taskrun::manifest
