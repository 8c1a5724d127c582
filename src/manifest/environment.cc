#include "manifest/environment.h"

#include <cerrno>

#include <fmt/format.h>

#include "base/text.h"
#include "manifest/env_file.h"

namespace taskrun::manifest {
namespace {

// Names the file as the manifest does; what an interpolated path became is not shown.
std::string failure_to_read(const Node& path, const Error& error) {
  const bool is_interpolated = path.text.find('$') != std::string::npos;
  const std::string attempt = fmt::format("cannot read the env_file \"{}\"", printable(path.text));
  if (error.code == ESPIPE || error.code == ENXIO || error.code == ENODEV) {
    return fmt::format("{}: it is no regular file", attempt);
  }
  if (error.code != 0) return fail_errno(attempt, error.code).value().message;
  return is_interpolated ? attempt : fmt::format("{}: {}", attempt, error.message);
}

Variables read_file(const std::string& path, const Node& named, const Source& source) {
  const auto& read = source.surroundings.read_env_file;
  const Result<std::string> text = read ? read(path) : fail("", ENOENT);
  if (!text) {
    source.mistakes.error(named.begin, failure_to_read(named, text.error()));
    return {};
  }
  EnvFile file = parse_env_file(*text);
  for (const EnvFileMistake& mistake : file.mistakes) {
    source.mistakes.error(named.begin,
                          fmt::format("line {} of \"{}\": {}", mistake.line, printable(named.text), mistake.message));
  }
  return std::move(file.variables);
}

}  // namespace

Variables read_variables(const Value& value) {
  Variables variables;
  for (const Value& member : value.members("an object of strings", "variable")) {
    const std::string_view mistake = variable_name_mistake(member.key());
    if (!mistake.empty()) member.key_error(fmt::format("{}: {}", member.label(), mistake));
    std::optional<std::string> text = member.text();
    if (text) variables.emplace_back(member.key(), std::move(*text));
  }
  return variables;
}

const Variables& EnvFiles::of(const TaskDraft& draft, const Source& source) {
  static const Variables kNone;
  if (!draft.env_file) return kNone;
  const auto [file, is_new] = files_.try_emplace(*draft.env_file);
  if (is_new) file->second = read_file(*draft.env_file, *draft.env_file_value, source);
  return file->second;
}

std::optional<std::string> path_of(const TaskPolicy& policy, const Surroundings& surroundings) {
  for (auto variable = policy.env.rbegin(); variable != policy.env.rend(); ++variable) {
    if (variable->first == "PATH") return variable->second;
  }
  const std::vector<std::string>& names = policy.inherit_env.names;
  const bool is_inherited = policy.inherit_env.all || std::find(names.begin(), names.end(), "PATH") != names.end();
  return is_inherited && surroundings.variable ? surroundings.variable("PATH") : std::nullopt;
}

}  // namespace taskrun::manifest
