#include "manifest/programs.h"

#include <fmt/format.h>

#include "base/text.h"
#include "manifest/environment.h"

namespace taskrun::manifest {

bool Programs::is_there(const std::string& program, const TaskPolicy& policy) {
  ProgramLookup lookup{program, path_of(policy, surroundings_), policy.cwd};
  const auto [known, is_new] = known_.try_emplace({lookup.program, lookup.path, lookup.cwd});
  if (is_new) known->second = surroundings_.has_program(lookup);
  return known->second;
}

void Programs::check(const Node& program, const TaskPolicy& policy, Mistakes& mistakes) {
  if (!surroundings_.has_program || program.kind != Kind::string || program.text.empty()) return;
  if (is_there(program.text, policy)) return;
  const bool has_slash = program.text.find('/') != std::string::npos;
  mistakes.warning(program.begin, fmt::format("there is no program \"{}\"{} now", printable(program.text),
                                              has_slash ? "" : " on the task's PATH"));
}

}  // namespace taskrun::manifest
