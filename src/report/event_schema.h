#pragma once

#include <string>

namespace taskrun::report {

/// JSON Schema 2020-12 of an event line: one branch of `oneOf` per event, made from the key table (event_keys.h). Ends
/// with a newline.
[[nodiscard]] std::string event_json_schema();

/// The same table as Markdown, for docs/events.md.
[[nodiscard]] std::string event_key_tables();

}  // namespace taskrun::report
