#include "cli/man_page.h"

#include <sstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/exit_codes.h"

using namespace taskrun::cli;

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The page without its markup, in one line.
std::string plain(std::string text) {
  for (const auto& [markup, meaning] : {std::pair{"\\fB", ""},
                                        {"\\fI", ""},
                                        {"\\fR", ""},
                                        {"\\&", ""},
                                        {"\\-", "-"},
                                        {"\\(aq", "'"},
                                        {"\\(ga", "`"},
                                        {"\\(ha", "^"},
                                        {"\\(ti", "~"},
                                        {"\\e", "\\"},
                                        {"\n", " "}}) {
    text = replaced(text, markup, meaning);
  }
  return text;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the manual page has every command, argument, flag and example that is not hidden, and its meaning") {
  const std::string page = plain(man_page());
  for (const Command& command : commands()) {
    CAPTURE(command.name);
    CHECK(holds(page, fmt::format(".SS taskrun {}", command.name)) != command.is_hidden);
    if (command.is_hidden) continue;
    CHECK(holds(page, command.summary));
    for (const Flag& flag : command.flags) {
      CAPTURE(flag.name);
      CHECK(holds(page, fmt::format("{}{}{} {}", flag.name, flag.value.empty() ? "" : " ", flag.value, flag.meaning)));
      CHECK(holds(page, flag.letter));
    }
    for (const Positional* const positional : {&command.positional, &command.second}) {
      CHECK(holds(page, fmt::format("{} {}", positional->name, positional->meaning)));
    }
    for (const Example& example : command.examples) CHECK(holds(page, example.command));
  }
}

TEST_CASE("the manual page has every exit code") {
  const std::string page = plain(man_page());
  for (const ExitCode& code : exit_codes()) CHECK(holds(page, fmt::format(".TP {} {}", code.code, code.meaning)));
}

TEST_CASE("no line of the manual page is a request by accident") {
  std::istringstream lines(man_page());
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK_FALSE(line.empty());
    CHECK_FALSE(line.starts_with('\''));
    if (!line.starts_with('.')) continue;
    const std::string request = line.substr(0, line.find(' '));
    CHECK((request == ".TH" || request == ".SH" || request == ".SS" || request == ".PP" || request == ".TP" ||
           request == ".RS" || request == ".RE" || request == ".ad" || request == ".nh"));
  }
}
