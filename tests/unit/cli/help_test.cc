#include "cli/help.h"

#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "base/text.h"

using namespace taskrun;
using namespace taskrun::cli;

namespace {

// Every help there is, as on a pipe.
std::vector<std::string> helps() {
  std::vector<std::string> texts{overview({}), short_help()};
  for (const Command& command : commands()) texts.push_back(help_of(command, {}));
  return texts;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

}  // namespace

TEST_CASE("no help is wider than 80 columns, ends a line with a blank, or has colours in a pipe") {
  for (const std::string& text : helps()) {
    CAPTURE(text);
    CHECK(longest_line(text) <= 80);
    CHECK(text.find(" \n") == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.ends_with('\n'));
    CHECK_FALSE(text.ends_with("\n\n"));
  }
}

TEST_CASE("examples come first") {
  for (const Command& command : commands()) {
    if (command.is_hidden) continue;
    const std::string text = help_of(command, {});
    REQUIRE(text.find("examples:") != std::string::npos);
    CHECK(text.find("examples:") < text.find("usage:"));
    for (const Example& example : command.examples) {
      CHECK(example.command.find("taskrun " + std::string(command.name)) != std::string_view::npos);
    }
  }
  CHECK(overview({}).find("examples:") < overview({}).find("usage:"));
}

TEST_CASE("the overview names every command that is not hidden") {
  for (const Command& command : commands()) {
    const bool is_shown = overview({}).find("\n  " + std::string(command.name) + " ") != std::string::npos;
    CHECK(is_shown != command.is_hidden);
  }
}

TEST_CASE("rows of the table are whole: names, meanings, readers") {
  for (const Command& command : commands()) {
    CAPTURE(command.name);
    CHECK(is_name(command.name));
    CHECK(command.summary.size() > 10);
    CHECK((command.positional.read == nullptr) == command.positional.name.empty());
    std::set<std::string_view> names;
    for (const Flag& flag : command.flags) {
      CAPTURE(flag.name);
      CHECK(flag.name.starts_with("--"));
      CHECK(names.insert(flag.name).second);
      CHECK(flag.meaning.size() > 5);
      CHECK((flag.read != nullptr));
    }
  }
}

TEST_CASE("headings are bold on a terminal") {
  CHECK(overview({.has_colour = true, .width = 80}).find("\x1b[1mexamples\x1b[0m:") != std::string::npos);
}

TEST_CASE("the help of a command reads well") {
  CHECK(help_of(*find_command("schema"), {}) ==
        R"(taskrun schema: print the schema of manifests, event lines or the socket

examples:
  taskrun schema > manifest.schema.json  of the manifest
  taskrun schema event                   of the event lines on stdout
  taskrun schema control                 of the socket, as OpenAPI 3.1

usage:
  taskrun schema [manifest|event|control]

arguments:
  manifest|event|control  which (default manifest)

flags:
  -h, --help  show this
)");
}
