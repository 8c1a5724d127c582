#pragma once

#include <string_view>

namespace taskrun::cli {

/// Writes a command's answer to stdout, whole. Returns kDone, or kOutputFailed once it has said so on stderr (silently
/// where the reader hung up, as `| head` does). From then on SIGPIPE is ignored.
[[nodiscard]] int answer(std::string_view text);

/// Writes to stderr; where that fails there is nobody left to tell.
void tell(std::string_view text);

/// Tells why nothing comes of it, and gives the exit code back.
[[nodiscard]] int give_up(std::string_view text, int exit_code);

}  // namespace taskrun::cli
