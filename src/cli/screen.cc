#include "cli/screen.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cli/exit_codes.h"
#include "sys/fd.h"

namespace taskrun::cli {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

}  // namespace

void Screen::enter() {
  if (!std::exchange(is_entered_, true)) static_cast<void>(sys::write_all(descriptor_, kEnter));
}

void Screen::leave() {
  if (std::exchange(is_entered_, false)) static_cast<void>(sys::write_all(descriptor_, kLeave));
}

// Written over, not cleared before: that would flicker. Nothing goes below the last line, or the screen would move.
int Screen::draw(std::string_view lines) {
  const std::size_t height = terminal_at(descriptor_).height.value_or(1);
  std::string out(kHome);
  for (std::size_t row = 0; row < height && !lines.empty(); ++row) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (row > 0) out += "\r\n";
    out += line;
    out += kClearLine;
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
  }
  out += kClearBelow;
  return sys::write_all(descriptor_, out) ? kDone : kOutputFailed;
}

}  // namespace taskrun::cli
