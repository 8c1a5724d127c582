#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace taskrun {

/// A failure of the world outside (a file, a socket, the kernel). What the user got wrong is a Diagnostic; what we got
/// wrong is an assert.
struct Error {
  /// Lower case; names the object, the attempt and the reason: "cannot open '/run/x.sock': Permission denied".
  std::string message;
  /// The errno behind it, 0 where there is none.
  int code = 0;
};

template <class T>
using Result = tl::expected<T, Error>;

/// "ATTEMPT: REASON" from an errno, for example fail_errno("cannot open 'x'", EACCES).
[[nodiscard]] tl::unexpected<Error> fail_errno(std::string_view attempt, int code);

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message, int code = 0) {
  return tl::unexpected<Error>(Error{std::move(message), code});
}

}  // namespace taskrun
