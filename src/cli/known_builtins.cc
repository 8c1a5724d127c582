#include "cli/known_builtins.h"

#include <vector>

#include "tasks/builtin.h"

namespace taskrun::cli {
namespace {

std::string problem_with(std::string_view name, std::string_view arguments) {
  return tasks::problem_with(*tasks::find_builtin(name), arguments);
}

}  // namespace

std::span<const manifest::KnownBuiltin> known_builtins() {
  static const std::vector<manifest::KnownBuiltin> known = [] {
    std::vector<manifest::KnownBuiltin> list;
    for (const tasks::Builtin& builtin : tasks::registry()) {
      list.push_back({builtin.name, builtin.parameters, problem_with});
    }
    return list;
  }();
  return known;
}

}  // namespace taskrun::cli
