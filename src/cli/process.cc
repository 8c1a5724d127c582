#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "sys/fd.h"

namespace taskrun::cli {

void prepare_process() { sys::open_standard_descriptors(); }

int show(const ShowText& text) { return answer(text.text); }

int refuse(const UsageMistake& mistake) { return give_up(mistake.text, kUsage); }

int internal_error(const char* what) {
  return give_up(fmt::format("taskrun: internal error: {}\n", printable(what, 1'000)), kInternal);
}

}  // namespace taskrun::cli
