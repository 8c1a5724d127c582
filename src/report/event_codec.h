#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/event.h"

namespace taskrun::report {

/// Appends the event as one JSON line (docs/events.md), the newline included: keys in the order of the key table
/// (event_keys.h), valid UTF-8, at most limits::kEventLine bytes. What does not fit of stdout and stderr is cut from
/// the front and counted in `truncated_bytes`. `instance` stands in the runner's own events only.
void append_json_line(std::string& out, const Event& event, std::uint64_t seq, std::string_view instance);

[[nodiscard]] std::string to_json_line(const Event& event, std::uint64_t seq, std::string_view instance);

}  // namespace taskrun::report
