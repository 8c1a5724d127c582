#include "daemon/terminals.h"

#include <algorithm>

#include <unistd.h>

namespace taskrun::daemon {
namespace {

bool is_no_terminal(int descriptor) { return ::isatty(descriptor) == 0; }

}  // namespace

Terminals::Terminals() : descriptors_{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO} {
  std::erase_if(descriptors_, is_no_terminal);
}

bool Terminals::has_one_gone() const { return std::ranges::any_of(descriptors_, is_no_terminal); }

}  // namespace taskrun::daemon
