#include "process/capture.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "base/text.h"

namespace taskrun::process {
namespace {

std::string tail_of(std::size_t limit, const std::vector<std::string>& chunks) {
  Tail tail(limit);
  for (const std::string& chunk : chunks) tail.append(chunk);
  return tail.text();
}

TEST_CASE("a tail is the last bytes, however they come") {
  CHECK(tail_of(4, {}).empty());
  CHECK(tail_of(4, {"abcd"}) == "abcd");
  CHECK(tail_of(4, {"abc", "de"}) == "bcde");
  CHECK(tail_of(4, {"abcdefgh"}) == "efgh");
  CHECK(tail_of(4, {"ab", "cdefghi"}) == "fghi");
  CHECK(tail_of(4, {"abcd", "e", "f", "g", "h", "ij"}) == "ghij");
  CHECK(tail_of(0, {"abcd", ""}).empty());
  CHECK(tail_of(1, {"a", "b"}) == "b");
}

TEST_CASE("a tail of every limit and every chunking agrees with the text's end") {
  std::string text;
  for (int i = 0; i < 97; ++i) text += static_cast<char>('!' + i % 90);
  for (std::size_t limit = 0; limit <= 100; ++limit) {
    for (std::size_t size = 1; size <= 100; ++size) {
      Tail tail(limit);
      for (std::size_t at = 0; at < text.size(); at += size) tail.append(std::string_view(text).substr(at, size));
      REQUIRE(tail.text() == text.substr(text.size() - std::min(limit, text.size())));
    }
  }
}

TEST_CASE("a tail that was cut begins with a whole character") {
  CHECK(tail_of(3, {"aé…"}) == "…");
  CHECK(tail_of(4, {"aé…"}) == "…");
  CHECK(tail_of(5, {"aé…"}) == "é…");
  CHECK(tail_of(3, {"😀b"}) == "b");
  // What was not cut is left as it came, and so is what is no text.
  CHECK(tail_of(9, {"\xa9 z"}) == "\xa9 z");
  CHECK(tail_of(3, {"xx\xff\xfe\xfd"}) == "\xff\xfe\xfd");
}

struct Told {
  std::string line;
  bool partial;
  friend bool operator==(const Told&, const Told&) = default;
};

std::vector<Told> lines_of(const std::vector<std::string>& chunks) {
  LineCutter cutter;
  std::vector<Told> told;
  const auto tell = [&](std::string_view line, bool partial) { told.push_back({std::string(line), partial}); };
  for (const std::string& chunk : chunks) cutter.append(chunk, tell);
  cutter.finish(tell);
  return told;
}

TEST_CASE("lines are told when they end, the last one also without its newline") {
  using Lines = std::vector<Told>;
  CHECK(lines_of({}).empty());
  CHECK(lines_of({"a\nb\n"}) == Lines{{"a", false}, {"b", false}});
  CHECK(lines_of({"a", "b", "c\n\nd"}) == Lines{{"abc", false}, {"", false}, {"d", true}});
  CHECK(lines_of({std::string("\0\xff\x1b\n", 4)}) == Lines{{std::string("\0\xff\x1b", 3), false}});
}

TEST_CASE("a line that is too long is told in pieces, one of just the greatest length is not") {
  constexpr std::size_t kMost = limits::kOutputLine;
  using Lines = std::vector<Told>;
  const std::string just(kMost, 'x');
  CHECK(lines_of({just + "\n"}) == Lines{{just, false}});
  CHECK(lines_of({just, "\n", "z\n"}) == Lines{{just, false}, {"z", false}});
  CHECK(lines_of({just}) == Lines{{just, true}});
  CHECK(lines_of({just + "y\n"}) == Lines{{just, true}, {"y", false}});
  CHECK(lines_of({just, "y"}) == Lines{{just, true}, {"y", true}});
}

TEST_CASE("a piece ends with a whole character, and nothing of the line is lost") {
  for (const std::string& character : {std::string("é"), std::string("…"), std::string("😀")}) {
    for (std::size_t shift = 0; shift < 5; ++shift) {
      std::string line(shift, 'a');
      while (line.size() < 3 * limits::kOutputLine) line += character;
      std::string whole;
      for (const Told& told : lines_of({line + "\n"})) {
        whole += told.line;
        REQUIRE(told.line.size() <= limits::kOutputLine);
        for (std::string_view rest = told.line; !rest.empty(); rest.remove_prefix(utf8_length(rest))) {
          REQUIRE(utf8_length(rest) > 0);
        }
      }
      CHECK(whole == line);
    }
  }
  const std::string noise(2 * limits::kOutputLine, '\x80');
  std::string whole;
  for (const Told& told : lines_of({noise})) whole += told.line;
  CHECK(whole == noise);
}

TEST_CASE("a result of the greatest size is kept, a larger one is none") {
  ResultText result;
  CHECK(result.text().empty());
  CHECK(result.error().empty());
  result.append(std::string(limits::kResultSize.count, 'x'));
  CHECK(result.text().size() == limits::kResultSize.count);
  CHECK(result.error().empty());
  result.append("y");
  CHECK(result.text().empty());
  CHECK(result.error() == "the result is larger than 12KiB");
}

}  // namespace
}  // namespace taskrun::process
