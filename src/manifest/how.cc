#include "manifest/how.h"

#include <fmt/format.h>

#include "base/signals.h"
#include "base/text.h"
#include "manifest/env_file.h"

namespace taskrun::manifest {
namespace {

// What was written, in upper case, if that is what it lacks; what came from a variable is not repeated.
std::string hint_for_signal(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return parse_signal(text) ? fmt::format("write \"{}\"", text) : "such as \"TERM\", \"INT\" or \"RTMIN+3\"";
}

constexpr std::string_view kInheritance = "true, false or an array of names";

// Of a string that was meant as true, as false, or as the only name.
void refuse_text(const Value& value) {
  const std::string& text = value.node().text;
  if (text == "true" || text == "false") {
    value.wrong_type(kInheritance, "write it without quotes");
  } else {
    const bool is_variable = variable_syntax_mistake(text).empty();
    value.wrong_type(kInheritance, is_variable ? fmt::format("write [\"{}\"]", printable(text, 70)) : "");
  }
}

void check_inherited_name(const Value& item, std::string_view name) {
  if (const std::string_view mistake = variable_syntax_mistake(name); !mistake.empty()) {
    item.error(fmt::format("\"inherit_env\": {}", mistake));
  } else if (is_never_inherited(name)) {
    item.warning_in_text(0, "\"inherit_env\": the runner's own value of this variable is never passed on");
  }
}

}  // namespace

void read_stop_signal(const Value& value, int& signal) {
  const std::optional<std::string> text = value.text();
  if (!text) return;
  if (const std::optional<int> number = parse_signal(*text)) {
    signal = *number;
  } else {
    value.error("\"stop_signal\" must be a signal's name", hint_for_signal(value.node().text));
  }
}

void read_inherit_env(const Value& value, InheritEnv& inherit) {
  const Node& node = value.node();
  if (node.kind == Kind::array) {
    std::vector<std::string> names;
    for (const Value& item : value.items(kInheritance)) {
      std::optional<std::string> name = item.text();
      if (!name) continue;
      check_inherited_name(item, *name);
      names.push_back(std::move(*name));
    }
    inherit = {false, std::move(names)};
  } else if (node.kind == Kind::string && node.text.find('$') == std::string::npos) {
    refuse_text(value);
  } else if (node.kind == Kind::yes || node.kind == Kind::no || node.kind == Kind::string) {
    if (const std::optional<bool> all = value.boolean()) inherit = {*all, {}};
  } else {
    value.wrong_type(kInheritance);
  }
}

void read_umask(const Value& value, std::optional<unsigned>& mask) {
  if (value.node().kind == Kind::integer) {
    value.wrong_type("a string of octal digits", "write it in double quotes: \"022\"");
    return;
  }
  const std::optional<std::string> text = value.text();
  if (!text) return;
  const bool is_octal = !text->empty() && text->size() <= 4 && text->find_first_not_of("01234567") == std::string::npos;
  const unsigned long bits = is_octal ? std::stoul(*text, nullptr, 8) : 0;
  if (is_octal && bits <= 0777) {
    mask = static_cast<unsigned>(bits);
  } else {
    value.error("\"umask\" must be octal digits up to 777", "write it as the shell does: \"022\"");
  }
}

}  // namespace taskrun::manifest
