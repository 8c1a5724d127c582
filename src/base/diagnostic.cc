#include "base/diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

namespace taskrun {

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string render(const Diagnostic& d) {
  std::string out = fmt::format("{}:{}:{}", d.file, d.line, d.column);
  out += d.severity == Severity::error ? ": error: " : ": warning: ";
  out += d.message;
  out += '\n';
  if (!d.source_line.empty()) out += fmt::format("  {}\n  {:>{}}\n", d.source_line, "^", d.caret + 1);
  if (!d.hint.empty()) out += fmt::format("  hint: {}\n", d.hint);
  return out;
}

}  // namespace taskrun
