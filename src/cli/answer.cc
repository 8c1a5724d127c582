#include "cli/answer.h"

#include <cerrno>
#include <csignal>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "sys/fd.h"
#include "sys/signals.h"

namespace taskrun::cli {

int answer(std::string_view text) {
  sys::ignore_signals({SIGPIPE});
  const Result<void> written = sys::write_all(STDOUT_FILENO, text);
  if (written) return kDone;
  const int code = written.error().code;
  if (code == EPIPE) return kOutputFailed;
  return give_up(fmt::format("taskrun: {}\n", fail_errno("cannot write to stdout", code).value().message),
                 kOutputFailed);
}

void tell(std::string_view text) { static_cast<void>(sys::write_all(STDERR_FILENO, text)); }

int give_up(std::string_view text, int exit_code) {
  tell(text);
  return exit_code;
}

}  // namespace taskrun::cli
