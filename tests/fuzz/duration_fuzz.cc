// Durations and sizes: what is read is printed so that it reads back as the same.

#include "base/bytes.h"
#include "schedule/duration.h"
#include "tests/fuzz/target.h"

using taskrun::DurationUnits;
using taskrun::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = taskrun::fuzz::as_text(bytes, size);
  for (const auto units : {DurationUnits::go, DurationUnits::manifest}) {
    const auto read = taskrun::parse_duration(text, units);
    if (!read) {
      require(!read.error().message.empty(), "a mistake has a message");
      continue;
    }
    const auto again = taskrun::parse_duration(taskrun::format_duration(*read), DurationUnits::manifest);
    require(again.has_value() && *again == *read, "a duration reads back as itself");
  }
  if (const auto read = taskrun::parse_bytes(text)) {
    const auto again = taskrun::parse_bytes(taskrun::format_bytes(*read));
    require(again.has_value() && *again == *read, "a size reads back as itself");
  }
  return 0;
}
