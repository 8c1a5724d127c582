#pragma once

#include <string>
#include <string_view>

#include "report/history_entry.h"
#include "report/history_reader.h"

/// The history for programs: JSON and CSV (docs/history.md has the keys).
namespace taskrun::cli {

/// One JSON object, in one line without its end. With `output` also what was written.
[[nodiscard]] std::string to_json(const report::HistoryEntry& entry, const report::HistoryOutput* output = nullptr);

[[nodiscard]] std::string to_json(const report::TaskSummary& summary);

/// The heading of what to_csv() writes; a line with its end, as RFC 4180 has it.
[[nodiscard]] std::string_view csv_heading();
[[nodiscard]] std::string to_csv(const report::HistoryEntry& entry);

}  // namespace taskrun::cli
