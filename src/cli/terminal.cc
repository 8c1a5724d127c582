#include "cli/terminal.h"

#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace taskrun::cli {
namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kUsualHeight = 24;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

int code_of(Paint how) {
  switch (how) {
    case Paint::bold: return 1;
    case Paint::dim: return 2;
    case Paint::red: return 31;
    case Paint::green: return 32;
    case Paint::yellow: return 33;
  }
  __builtin_unreachable();
}

}  // namespace

Terminal terminal_at(int descriptor) {
  if (::isatty(descriptor) == 0) return {};
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const bool wants_none = !variable("NO_COLOR").empty() || variable("TERM") == "dumb";
  return {.has_colour = !wants_none,
          .width = is_known ? size.ws_col : kUsualWidth,
          .height = is_known && size.ws_row > 0 ? size.ws_row : kUsualHeight};
}

bool is_drawable(int descriptor) { return ::isatty(descriptor) != 0 && variable("TERM") != "dumb"; }

std::string paint(const Terminal& terminal, Paint how, std::string_view text) {
  if (!terminal.has_colour) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(how), text);
}

}  // namespace taskrun::cli
