#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace taskrun {

enum class Severity { error, warning };

/// One mistake of the user's, with its place and its remedy.
struct Diagnostic {
  Severity severity = Severity::error;
  /// As the user named it; "<stdin>" for "-".
  std::string file;
  /// From 1, and 1:1 where the file as a whole is meant. The column counts characters (code points), not bytes.
  std::size_t line = 1;
  std::size_t column = 1;
  std::string message;
  /// What to write instead; may be empty.
  std::string hint;
  /// The source line, cut around the place if long; may be empty. `caret` is the 0-based column of the mark in it.
  std::string source_line;
  std::size_t caret = 0;
};

using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] bool has_errors(const Diagnostics& diagnostics);

/// "FILE:LINE:COL: error: MESSAGE", then the source line, the caret and the hint, each on a line of its own; plain text
/// that ends with a newline.
[[nodiscard]] std::string render(const Diagnostic& diagnostic);

}  // namespace taskrun
