#include "cli/help.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/client_commands.h"
#include "cli/columns.h"

namespace taskrun::cli {
namespace {

constexpr std::size_t kWidestExample = 40;

std::string section(const Terminal& terminal, std::string_view title, const std::string& body) {
  return body.empty() ? "" : fmt::format("\n{}:\n{}", paint(terminal, Paint::bold, title), body);
}

std::string example_lines(std::span<const Example> examples) {
  std::vector<Row> rows;
  for (const Example& example : examples) rows.push_back({std::string(example.command), std::string(example.meaning)});
  return columns(rows, kWidestExample);
}

std::string spelled(const Flag& flag) {
  return fmt::format("{}{}{}{}{}", flag.letter, flag.letter.empty() ? "" : ", ", flag.name,
                     flag.value.empty() ? "" : " ", flag.value);
}

std::string flag_lines(const Command& command) {
  std::vector<Row> rows;
  for (const Flag& flag : command.flags) rows.push_back({spelled(flag), std::string(flag.meaning)});
  rows.push_back({"-h, --help", "show this"});
  return columns(rows);
}

// " [NAME...]", as a usage line has it.
std::string usage_of(const Positional& positional) {
  if (positional.name.empty()) return "";
  return fmt::format(" {}{}{}{}{}", positional.is_required ? "" : "[", positional.is_after_mark ? "-- " : "",
                     positional.name, positional.repeats ? "..." : "", positional.is_required ? "" : "]");
}

std::string argument_lines(const Command& command) {
  std::vector<Row> rows;
  for (const Positional* positional : {&command.positional, &command.second}) {
    if (positional->name.empty()) continue;
    rows.push_back({std::string(positional->name), std::string(positional->meaning)});
  }
  return columns(rows);
}

bool is_client(const Command& command) {
  return std::ranges::find(client_commands(), command.name, &Command::name) != client_commands().end();
}

std::string command_lines(bool of_clients) {
  std::vector<Row> rows;
  for (const Command& command : commands()) {
    if (command.is_hidden || is_client(command) != of_clients) continue;
    rows.push_back({std::string(command.name), std::string(command.summary)});
  }
  return columns(rows);
}

std::string client_names() {
  std::string names;
  for (const Command& command : client_commands())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", command.name);
  return columns({{"", names}});
}

constexpr Example kFirstExamples[] = {
    {"taskrun init", "write a first taskrun.json"},
    {"taskrun check", "find every mistake in it"},
    {"taskrun start", "run its tasks on their schedules"},
    {"taskrun once hello", "run one task now"},
};

}  // namespace

std::string overview(const Terminal& terminal) {
  return "taskrun runs tasks on a schedule, and tells the truth about them.\n" +
         section(terminal, "examples", example_lines(kFirstExamples)) +
         section(terminal, "usage", "  taskrun COMMAND [arguments]\n") +
         section(terminal, "commands", command_lines(false)) +
         section(terminal, "commands to a running runner", command_lines(true)) +
         section(terminal, "flags",
                 columns({{"-h, --help", "show this; after a command, the help of that command"},
                          {"--version", "show the version"}})) +
         "\nWhere no manifest is named, it is $TASKRUN_MANIFEST, else the taskrun.json in\n"
         "this directory or in the nearest parent that has one.\n";
}

std::string usage(const Command& command) {
  const std::string flags = command.flags.empty() ? "" : " [flags]";
  const std::string second = usage_of(command.second);
  return fmt::format("taskrun {}{}{}{}", command.name, usage_of(command.positional),
                     command.second.is_after_mark ? flags : second, command.second.is_after_mark ? second : flags);
}

std::string help_of(const Command& command, const Terminal& terminal) {
  std::string out = fmt::format("taskrun {}: {}\n", command.name, command.summary);
  if (!command.examples.empty()) out += section(terminal, "examples", example_lines(command.examples));
  out += section(terminal, "usage", fmt::format("  {}\n", usage(command))) +
         section(terminal, "arguments", argument_lines(command)) + section(terminal, "flags", flag_lines(command));
  return command.notes.empty() ? out : fmt::format("{}\n{}", out, command.notes);
}

std::string short_help() {
  return "usage: taskrun COMMAND [arguments]\n\n" + command_lines(false) + "\nto a running runner:\n" + client_names() +
         "\n'taskrun --help' shows examples, 'taskrun COMMAND --help' the flags of a command\n";
}

}  // namespace taskrun::cli
