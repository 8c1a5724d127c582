#include <algorithm>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "tasks/arguments.h"
#include "tasks/builtin.h"
#include "tasks/cleanup.h"
#include "tasks/http.h"

namespace taskrun::tasks {
namespace {

// Sorted by name.
constexpr Builtin kRegistry[] = {
    {"cleanup", "delete files below a directory by age, count or total size", kCleanupParameters, run_cleanup},
    {"http", "make one HTTP request and check its status", kHttpParameters, run_http},
};

}  // namespace

std::span<const Builtin> registry() { return kRegistry; }

const Builtin* find_builtin(std::string_view name) {
  const auto* found = std::ranges::find(kRegistry, name, &Builtin::name);
  return found != std::end(kRegistry) ? found : nullptr;
}

Exit run(const Builtin& builtin, std::string_view arguments) {
  const Result<Arguments> read = Arguments::read(arguments, builtin.parameters);
  if (read) return builtin.run(*read);
  fmt::print(stderr, "{}: {}\n", builtin.name, read.error().message);
  return Exit::arguments;
}

}  // namespace taskrun::tasks
