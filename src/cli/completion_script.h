#pragma once

#include <string_view>

#include "cli/options.h"

namespace taskrun::cli {

/// What a shell reads to complete the words of taskrun. It holds no table of its own: at each completion it asks the
/// program that is being typed (`complete-words`), so it never falls behind the program.
[[nodiscard]] std::string_view completion_script(Shell shell);

}  // namespace taskrun::cli
