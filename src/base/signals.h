#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace taskrun {

/// "SIGTERM" for 15; "SIGRTMIN+3" for a real-time signal; "SIG99" for what has no name.
[[nodiscard]] std::string signal_name(int signal);

/// The number of "TERM", "SIGTERM" or "RTMIN+3" (upper case), or nothing.
[[nodiscard]] std::optional<int> parse_signal(std::string_view text);

}  // namespace taskrun
