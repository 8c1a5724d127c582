#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/completion.h"

namespace taskrun::cli {

/// The names that a completion asks for, as they are now; none where they cannot be had. Blocks for
/// limits::kCompletionPatience at most on a runner. What is no name by docs/manifest.md is not among them, so none of
/// them means anything to a shell.
[[nodiscard]] std::vector<Candidate> names_for(const Completion& completion);

/// Names and tags of the tasks in the text of a manifest, mistakes or not.
struct NamesInManifest {
  std::vector<Candidate> tasks;
  std::vector<Candidate> tags;
};
[[nodiscard]] NamesInManifest names_in(std::string_view text);

}  // namespace taskrun::cli
