#include "base/result.h"

#include <string.h>

namespace taskrun {

tl::unexpected<Error> fail_errno(std::string_view attempt, int code) {
  std::string message(attempt);
  message += ": ";
  message += strerrordesc_np(code) != nullptr ? strerrordesc_np(code) : "unknown error";
  return fail(std::move(message), code);
}

}  // namespace taskrun
