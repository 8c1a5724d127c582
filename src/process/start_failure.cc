#include "process/start_failure.h"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"

namespace taskrun::process {

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::starting: return "starting a process";
    case Stage::entering_cgroup: return "entering cgroup";
    case Stage::making_session: return "making a session";
    case Stage::placing_descriptors: return "placing descriptors";
    case Stage::setting_limit: return "setting limit";
    case Stage::setting_nice: return "setting nice";
    case Stage::setting_groups: return "setting the groups of user";
    case Stage::setting_group: return "setting group";
    case Stage::setting_user: return "setting user";
    case Stage::verifying_user: return "verifying user";
    case Stage::entering_directory: return "entering directory";
    case Stage::tying_to_runner: return "tying the process to the runner";
    case Stage::executing: return "executing";
  }
  __builtin_unreachable();
}

StartFailure failed_at(const std::string& attempt, const ChildFailure& failure) {
  return StartFailure{fail_errno(attempt, failure.code).value().message, kind_of(failure)};
}

bool is_missing(const ChildFailure& failure) {
  return failure.mode == 0 && (failure.code == ENOENT || failure.code == ENOTDIR);
}

// As a shell tells them apart: 127 not found, 126 found and not executable. Want of memory or processes is neither.
StartFailure::Kind kind_of(const ChildFailure& failure) {
  if (failure.stage != Stage::executing) return StartFailure::Kind::other;
  if (is_missing(failure)) return StartFailure::Kind::not_found;
  switch (failure.code) {
    case E2BIG:
    case EAGAIN:
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOMEM: return StartFailure::Kind::other;
    default: return StartFailure::Kind::not_executable;
  }
}

std::string interpreter_in(std::string_view first_line) {
  if (!first_line.starts_with("#!")) return "";
  first_line = first_line.substr(2, first_line.find('\n') - 2);
  const auto begin = first_line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  first_line.remove_prefix(begin);
  return std::string(first_line.substr(0, first_line.find_first_of(" \t")));
}

std::string explain_interpreter(const std::string& attempt, const std::string& interpreter) {
  if (interpreter.empty()) return attempt + ": its interpreter is missing: No such file or directory";
  const char* ending = interpreter.ends_with('\r') ? " (its lines end in CR LF)" : "";
  return fmt::format("{}: bad interpreter '{}': No such file or directory{}", attempt, printable(interpreter), ending);
}

std::string largest_of(const Launch& launch) {
  const auto is_shorter = [](std::string_view a, std::string_view b) { return a.size() < b.size(); };
  const auto argument = std::max_element(launch.argv.begin(), launch.argv.end(), is_shorter);
  std::string_view variable;
  for (const char* each : launch.inherited) variable = std::max<std::string_view>(variable, each, is_shorter);
  for (const std::string& each : launch.environment) variable = std::max<std::string_view>(variable, each, is_shorter);
  std::string text;
  if (!variable.empty()) {
    const std::string name(variable.substr(0, variable.find('=')));
    text = fmt::format("the largest variable is {} with {} bytes", printable(name), variable.size());
  }
  if (argument->size() <= variable.size()) return text;
  return fmt::format("{}{}argument {} has {} bytes", text, text.empty() ? "" : "; ", argument - launch.argv.begin(),
                     argument->size());
}

}  // namespace taskrun::process
