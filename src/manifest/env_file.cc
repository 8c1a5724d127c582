#include "manifest/env_file.h"

#include <algorithm>
#include <array>
#include <optional>

namespace taskrun::manifest {
namespace {

constexpr std::array<std::string_view, 10> kOurs{
    "TASKRUN_TASK",    "TASKRUN_RUN_ID",    "TASKRUN_ATTEMPT", "TASKRUN_TRIGGER", "TASKRUN_SCHEDULED_AT",
    "TASKRUN_OUTCOME", "TASKRUN_EXIT_CODE", "TASKRUN_SIGNAL",  "TASKRUN_HOOK",    "TASKRUN_RESULT_FD"};

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

char unescaped(char c) { return c == 'n' ? '\n' : c == 't' ? '\t' : c; }

// The value of `'…'` or `"…"`; nothing where it is not closed or something follows.
std::optional<std::string> unquoted(std::string_view text) {
  const char quote = text[0];
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1 == text.size() ? std::optional(out) : std::nullopt;
    const bool is_escape = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                           std::string_view("nt\"\\$").find(text[i + 1]) != std::string_view::npos;
    out += is_escape ? unescaped(text[++i]) : text[i];
  }
  return std::nullopt;
}

// Returns what is wrong with the line; "" for nothing.
std::string_view read_line(std::string_view line, Variables& variables) {
  if (line.starts_with("export ")) line = trimmed(line.substr(7));
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return "it is not NAME=value";
  const std::string_view name = trimmed(line.substr(0, equals));
  if (const std::string_view mistake = variable_name_mistake(name); !mistake.empty()) return mistake;
  const std::string_view value = trimmed(line.substr(equals + 1));
  if (value.find('\0') != std::string_view::npos) return "a value cannot hold a NUL character";
  if (!value.starts_with('"') && !value.starts_with('\'')) {
    variables.emplace_back(name, value);
    return {};
  }
  std::optional<std::string> content = unquoted(value);
  if (!content) return "its quoted value must end, with nothing after it, on the same line";
  variables.emplace_back(name, std::move(*content));
  return {};
}

}  // namespace

std::span<const std::string_view> reserved_variables() { return kOurs; }

// What the service manager tells the runner is not for its tasks: they would answer in its name.
bool is_never_inherited(std::string_view name) {
  constexpr std::array<std::string_view, 3> kPrefixes{"WATCHDOG_", "LISTEN_", "TASKRUN_"};
  return name == "NOTIFY_SOCKET" ||
         std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

std::string_view variable_syntax_mistake(std::string_view name) {
  if (name.empty()) return "a variable's name must not be empty";
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '=' || c == '\x7f'; };
  if (std::any_of(name.begin(), name.end(), is_bad)) return "a variable's name holds no blank, = or control character";
  return {};
}

std::string_view variable_name_mistake(std::string_view name) {
  if (const std::string_view mistake = variable_syntax_mistake(name); !mistake.empty()) return mistake;
  if (std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end()) return "this variable is set by taskrun itself";
  return {};
}

EnvFile parse_env_file(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  EnvFile file;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty() || content.starts_with('#')) continue;
    const std::string_view mistake = read_line(content, file.variables);
    if (!mistake.empty()) file.mistakes.push_back({line, std::string(mistake)});
  }
  return file;
}

}  // namespace taskrun::manifest
