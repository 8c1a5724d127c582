#include "cli/answer.h"
#include "cli/completion_script.h"
#include "cli/run.h"

namespace taskrun::cli {

int completion(const CompletionOptions& options) { return answer(completion_script(options.shell)); }

}  // namespace taskrun::cli
