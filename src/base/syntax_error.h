#pragma once

#include <string>

namespace taskrun {

/// Why a short text (a duration, a size) cannot be read. Both parts may quote the text itself: whoever shows them asks
/// first whether it is a secret.
struct SyntaxError {
  std::string message;  ///< `"5 min" is not a duration: unknown unit " min"`
  std::string hint;     ///< what to write instead: `write "5m"`; may be empty
};

}  // namespace taskrun
