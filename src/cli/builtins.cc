#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/columns.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "cli/suggestion.h"
#include "cli/terminal.h"
#include "report/line_writer.h"
#include "tasks/arguments.h"
#include "tasks/builtin.h"

namespace taskrun::cli {
namespace {

using tasks::Builtin;

std::string choices_json(std::string_view choices) {
  std::string out = "[";
  while (!choices.empty()) {
    const std::string_view choice = choices.substr(0, choices.find('|'));
    out += fmt::format("{}\"{}\"", out.size() > 1 ? "," : "", choice);
    choices.remove_prefix(std::min(choice.size() + 1, choices.size()));
  }
  return out + ']';
}

std::string to_json(const Parameter& parameter) {
  std::string out;
  report::LineWriter writer(out);
  writer.word("name", parameter.name);
  writer.word("type", tasks::type_name(parameter.type));
  writer.flag("required", parameter.required);
  writer.json("default", parameter.default_value.empty() ? "null" : parameter.default_value);
  writer.text("description", parameter.description);
  if (!parameter.choices.empty()) writer.json("choices", choices_json(parameter.choices));
  writer.close();
  return out;
}

std::string to_json(const Builtin& builtin) {
  std::string parameters = "[";
  for (const Parameter& parameter : builtin.parameters) {
    parameters += fmt::format("{}{}", parameters.size() > 1 ? "," : "", to_json(parameter));
  }
  std::string out;
  report::LineWriter writer(out);
  writer.word("name", builtin.name);
  writer.text("summary", builtin.summary);
  writer.json("parameters", parameters + ']');
  writer.close();
  return out;
}

std::string to_json(std::span<const Builtin> builtins) {
  std::string out = "[";
  for (const Builtin& builtin : builtins) out += fmt::format("{}\n{}", out.size() > 1 ? "," : "", to_json(builtin));
  return out + "\n]\n";
}

std::string kind_of(const Parameter& parameter) {
  std::string kind(tasks::type_name(parameter.type));
  if (parameter.required) kind += ", required";
  if (!parameter.default_value.empty()) kind += fmt::format(", default {}", parameter.default_value);
  return kind;
}

std::string to_text(const Builtin& builtin, const Terminal& terminal) {
  std::vector<Row> rows;
  for (const Parameter& parameter : builtin.parameters) {
    std::string meaning = fmt::format("{} ({})", parameter.description, kind_of(parameter));
    if (!parameter.choices.empty()) meaning += fmt::format(": {}", parameter.choices);
    rows.push_back({std::string(parameter.name), std::move(meaning)});
  }
  return fmt::format("{}: {}\n\n", paint(terminal, Paint::bold, builtin.name), builtin.summary) + columns(rows);
}

std::string to_text(std::span<const Builtin> builtins, const Terminal& terminal) {
  std::string out;
  for (const Builtin& builtin : builtins) out += to_text(builtin, terminal) + '\n';
  return out + "in a manifest: \"builtin\": \"NAME\", \"with\": { \"ARGUMENT\": VALUE, ... }\n";
}

int unknown(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Builtin& builtin : tasks::registry()) names.push_back(builtin.name);
  return give_up(fmt::format("taskrun builtins: unknown built-in '{}'{}\nsee 'taskrun builtins'\n", printable(name),
                             did_you_mean(name, names)),
                 kUsage);
}

}  // namespace

int builtins(const BuiltinsOptions& options) {
  const Terminal terminal = terminal_at(STDOUT_FILENO);
  if (!options.name) return answer(options.json ? to_json(tasks::registry()) : to_text(tasks::registry(), terminal));
  const Builtin* const builtin = tasks::find_builtin(*options.name);
  if (builtin == nullptr) return unknown(*options.name);
  return answer(options.json ? to_json(*builtin) + '\n' : to_text(*builtin, terminal));
}

}  // namespace taskrun::cli
