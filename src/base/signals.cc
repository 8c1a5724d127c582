#include "base/signals.h"

#include <charconv>
#include <csignal>
#include <cstring>

namespace taskrun {

std::string signal_name(int signal) {
  if (signal == SIGIO) return "SIGIO";  // the kernel's name and the shells'; the C library prefers SIGPOLL
  if (const char* name = sigabbrev_np(signal); name != nullptr) return std::string("SIG") + name;
  if (signal >= SIGRTMIN && signal <= SIGRTMAX) {
    return signal == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+" + std::to_string(signal - SIGRTMIN);
  }
  return "SIG" + std::to_string(signal);
}

std::optional<int> parse_signal(std::string_view text) {
  if (text.starts_with("SIG")) text.remove_prefix(3);
  if (text == "IO") return SIGIO;
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    const char* name = sigabbrev_np(signal);
    if (name != nullptr && text == name) return signal;
  }
  if (!text.starts_with("RTMIN")) return std::nullopt;
  text.remove_prefix(5);
  int offset = 0;
  if (text.starts_with("+")) {
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), offset);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  } else if (!text.empty()) {
    return std::nullopt;
  }
  if (offset < 0 || offset > SIGRTMAX - SIGRTMIN) return std::nullopt;
  return SIGRTMIN + offset;
}

}  // namespace taskrun
