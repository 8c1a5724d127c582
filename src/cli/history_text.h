#pragma once

#include <string>
#include <string_view>

#include "cli/recorded.h"
#include "report/history_reader.h"

/// The history for programs: JSON and CSV (docs/history.md has the keys).
namespace taskrun::cli {

/// One JSON object, in one line without its end. With `output` also what was written.
[[nodiscard]] std::string to_json(const Recorded& entry, const report::HistoryOutput* output = nullptr);

[[nodiscard]] std::string to_json(const report::TaskSummary& summary);

/// The heading of what to_csv() writes; a line with its end, as RFC 4180 has it.
[[nodiscard]] std::string csv_heading();
/// The same keys as in JSON; "" for those that the entry has not.
[[nodiscard]] std::string to_csv(const Recorded& entry);

/// "running", "unfinished", "ended", "skipped" or "gap".
[[nodiscard]] std::string_view state_of(const Recorded& entry);

}  // namespace taskrun::cli
