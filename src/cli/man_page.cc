// Text of the tables is never markup: every line is built from escaped pieces, and none of them can start a request.

#include "cli/man_page.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/help.h"

namespace taskrun::cli {
namespace {

// As it is typed: groff would make typographic quotes, accents and hyphens of these.
std::string_view escaped(char byte) {
  switch (byte) {
    case '\\': return "\\e";
    case '-': return "\\-";
    case '\'': return "\\(aq";
    case '`': return "\\(ga";
    case '^': return "\\(ha";
    case '~': return "\\(ti";
    default: return "";
  }
}

std::string roff(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    const std::string_view replacement = escaped(byte);
    if (replacement.empty()) {
      out += byte;
    } else {
      out += replacement;
    }
  }
  // A period in front would make a request of the line; an empty line a break.
  return out.empty() || out.starts_with('.') ? "\\&" + out : out;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

std::string section(std::string_view title) { return fmt::format(".SH {}\n", title); }
std::string paragraph(std::string_view text) { return fmt::format(".PP\n{}\n", roff(text)); }

// What is explained, and below it, indented, the explanation.
std::string item(std::string_view tag, std::string_view meaning) {
  return fmt::format(".TP\n{}\n{}\n", tag, roff(meaning));
}

// Notes are broken for a terminal; here they are filled again. What is indented there is indented here.
std::string notes(std::string_view lines) {
  std::string out;
  bool was_indented = false;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const bool is_indented = line.starts_with(' ');
    if (line.empty()) {
      out += ".PP\n";
      continue;
    }
    if (out.empty() || is_indented != was_indented)
      out += is_indented ? ".RS\n" : was_indented ? ".RE\n.PP\n" : ".PP\n";
    was_indented = is_indented;
    out += roff(line.substr(std::min(line.find_first_not_of(' '), line.size()))) + '\n';
  }
  return out + (was_indented ? ".RE\n" : "");
}

std::string spelled(const Flag& flag) {
  return fmt::format("{}{}{}{}{}", flag.letter.empty() ? "" : bold(flag.letter), flag.letter.empty() ? "" : ", ",
                     bold(flag.name), flag.value.empty() ? "" : " ", flag.value.empty() ? "" : italic(flag.value));
}

std::string examples(std::span<const Example> examples) {
  std::string out;
  for (const Example& example : examples) out += item(bold(example.command), example.meaning);
  return out;
}

std::string arguments(const Command& command) {
  std::string out;
  for (const Positional* const positional : {&command.positional, &command.second}) {
    if (!positional->name.empty()) out += item(italic(positional->name), positional->meaning);
  }
  for (const Flag& flag : command.flags) out += item(spelled(flag), flag.meaning);
  return out;
}

std::string of_command(const Command& command) {
  std::string out = fmt::format(".SS\n{}\n{}", roff(usage(command)), paragraph(command.summary));
  out += arguments(command);
  if (!command.notes.empty()) out += notes(command.notes);
  return out + paragraph("Examples:") + ".RS\n" + examples(command.examples) + ".RE\n";
}

std::string commands_text() {
  std::string out = section("COMMANDS");
  for (const Command& command : commands()) {
    if (!command.is_hidden) out += of_command(command);
  }
  return out;
}

std::string exit_status() {
  std::string out = section("EXIT STATUS");
  for (const ExitCode& code : exit_codes()) out += item(bold(code.code), code.meaning);
  return out;
}

constexpr Example kVariables[] = {
    {"TASKRUN_MANIFEST", "the manifest, where no other is named"},
    {"STATE_DIRECTORY, XDG_STATE_HOME", "where the runner keeps its state, in a directory for each instance"},
    {"RUNTIME_DIRECTORY, XDG_RUNTIME_DIR", "where its socket is, and where clients look for it"},
    {"NOTIFY_SOCKET, WATCHDOG_USEC",
     "set by systemd for a service of Type=notify: the runner tells it when it is ready"},
    {"NO_COLOR, TERM", "no colours if the first is set, or the second is \"dumb\""},
};

constexpr Example kSignals[] = {
    {"SIGTERM, SIGINT",
     "stop: nothing new starts, runs may finish for the stop timeout, then they are ended; a second "
     "one skips the waiting"},
    {"SIGHUP", "read the manifest again; stop where the runner had a terminal and that has gone away"},
};

std::string surroundings() {
  return section("ENVIRONMENT") + examples(kVariables) + section("SIGNALS") + examples(kSignals) +
         section("STANDARD OUTPUT") +
         paragraph(
             "start and once write facts to it, each a JSON object in a line of its own; taskrun schema event "
             "prints their JSON Schema. Everything for people goes to standard error.");
}

}  // namespace

std::string man_page() {
  return fmt::format(".TH TASKRUN 1 \"\" \"taskrun {}\" \"User Commands\"\n.ad l\n.nh\n", TASKRUN_VERSION) +
         section("NAME") + "taskrun \\- run tasks on a schedule, and tell the truth about them\n" +
         section("SYNOPSIS") + fmt::format("{} {} [{} ...]\n", bold("taskrun"), italic("COMMAND"), italic("argument")) +
         section("DESCRIPTION") +
         paragraph(
             "taskrun reads a JSON manifest, starts commands on intervals and at times of the calendar, in the "
             "foreground, ends each run with its whole process tree when its time is up, and writes what "
             "happened to standard output, one JSON line a fact.") +
         paragraph(
             "Where no manifest is named, it is $TASKRUN_MANIFEST, else the taskrun.json in the working "
             "directory or in the nearest parent that has one.") +
         commands_text() + exit_status() + surroundings();
}

}  // namespace taskrun::cli
