// What a task writes to descriptor 3: accepted, it is small, and accepted again as it stands.

#include "base/limits.h"
#include "report/result_object.h"
#include "tests/fuzz/target.h"

using taskrun::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = taskrun::fuzz::as_text(bytes, size);
  const auto read = taskrun::report::compact_json_object(text);
  if (!read) {
    require(!read.error().message.empty(), "a mistake has a message");
    return 0;
  }
  require(read->size() <= taskrun::limits::kResultSize.count, "a result is bounded");
  require(read->starts_with('{') && read->ends_with('}'), "a result is one object");
  const auto again = taskrun::report::compact_json_object(*read);
  require(again.has_value() && *again == *read, "a result is compact once and for all");
  return 0;
}
