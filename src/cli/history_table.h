#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "cli/recorded.h"
#include "cli/terminal.h"
#include "report/history_reader.h"
#include "schedule/zone.h"

/// The history as text: pure.
namespace taskrun::cli {

/// A line for each entry, under a heading where it is wanted. Times are those of `zone`; runs are named by the last
/// eight digits of their ids.
[[nodiscard]] std::string history_table(const std::vector<Recorded>& entries, bool has_heading, WallTime now, Zone zone,
                                        const Terminal& terminal);

/// A line for each task, with a mark for each of its last runs, as high as it took long.
[[nodiscard]] std::string summary_table(const std::vector<report::TaskSummary>& summaries, Zone zone,
                                        const Terminal& terminal);

/// How it ended, but for the outcome: "exit 3", "SIGKILL (timeout)", "overlap, 12 due times"; with no word for what is
/// as usual. Printable.
[[nodiscard]] std::string remark_on(const Recorded& entry);

[[nodiscard]] Paint paint_of(const Recorded& entry);

/// "2026-02-03 12:00:05", on the clock of the zone.
[[nodiscard]] std::string second_text(WallTime time, Zone zone);

}  // namespace taskrun::cli
