#pragma once

#include <string_view>
#include <utility>

#include "report/history_entry.h"

namespace taskrun::cli {

/// An entry of the history as it is shown: a run without an end goes on only while its runner does.
struct Recorded : report::HistoryEntry {
  bool is_unfinished = false;  ///< nobody holds the instance: it ended with its runner, nobody knows when
};

/// Of a run without an end, where its runner is there, or gone.
[[nodiscard]] inline Recorded recorded(report::HistoryEntry entry, bool has_runner) {
  const bool is_open = entry.kind == report::HistoryEntry::Kind::running;
  return {std::move(entry), is_open && !has_runner};
}

/// "running", "unfinished", "skipped", "gap", or the outcome.
[[nodiscard]] inline std::string_view word_of(const Recorded& entry) {
  return entry.is_unfinished ? "unfinished" : report::word_of(entry);
}

}  // namespace taskrun::cli
