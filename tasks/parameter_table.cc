#include <algorithm>

#include <fmt/format.h>

#include "tasks/arguments.h"
#include "tasks/builtin.h"

namespace taskrun::tasks {
namespace {

// A cell's '|' would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string type_cell(const Parameter& parameter) {
  if (parameter.choices.empty()) return std::string(type_name(parameter.type));
  std::string words = "`";
  for (const char c : parameter.choices) words += c == '|' ? std::string("`, `") : std::string(1, c);
  return words + '`';
}

std::string default_cell(const Parameter& parameter) {
  if (parameter.required) return "required";
  return parameter.default_value.empty() ? "" : fmt::format("`{}`", parameter.default_value);
}

}  // namespace

std::string parameter_table(const Builtin& builtin) {
  std::string out = "| argument | type | default | meaning |\n|---|---|---|---|\n";
  for (const Parameter& parameter : builtin.parameters) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", parameter.name, cell(type_cell(parameter)),
                       cell(default_cell(parameter)), cell(parameter.description));
  }
  return out;
}

}  // namespace taskrun::tasks
