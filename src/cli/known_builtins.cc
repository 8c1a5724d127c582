#include "cli/known_builtins.h"

#include <vector>

#include "tasks/builtin.h"

namespace taskrun::cli {

std::span<const manifest::KnownBuiltin> known_builtins() {
  static const std::vector<manifest::KnownBuiltin> known = [] {
    std::vector<manifest::KnownBuiltin> list;
    for (const tasks::Builtin& builtin : tasks::registry()) list.push_back({builtin.name, builtin.parameters});
    return list;
  }();
  return known;
}

}  // namespace taskrun::cli
