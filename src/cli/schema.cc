#include "cli/answer.h"
#include "cli/known_builtins.h"
#include "cli/run.h"
#include "control/reference.h"
#include "manifest/manifest.h"
#include "report/event_schema.h"

namespace taskrun::cli {

int schema(const SchemaOptions& options) {
  switch (options.of) {
    case SchemaChoice::manifest: return answer(manifest::json_schema(known_builtins()));
    case SchemaChoice::event: return answer(report::event_json_schema());
    case SchemaChoice::control: return answer(control::openapi_document());
  }
  __builtin_unreachable();
}

}  // namespace taskrun::cli
