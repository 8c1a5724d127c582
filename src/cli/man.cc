#include "cli/answer.h"
#include "cli/man_page.h"
#include "cli/run.h"

namespace taskrun::cli {

int man(const ManOptions&) { return answer(man_page()); }

}  // namespace taskrun::cli
