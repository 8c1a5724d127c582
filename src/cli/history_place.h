#pragma once

#include <string>

#include "cli/history_options.h"
#include "cli/trouble.h"
#include "report/history_reader.h"

namespace taskrun::cli {

/// A history, opened.
struct History {
  report::HistoryReader reader;
  /// Somebody holds the instance: what has no end goes on. Where that cannot be found out it counts as held.
  bool has_runner = true;
};

/// The history that is meant: of `--instance`; else of the manifest that is named or found; else of the only
/// runner that is alive; else the only one below the state directory. Trouble where there is none (66), where there are
/// several and none was named (2), or where it cannot be read (70).
[[nodiscard]] Answered<History> open_history(const HistoryChoice& choice);

/// What a history that could not be read is for people, and its exit code.
[[nodiscard]] Trouble trouble_of(const report::HistoryTrouble& trouble);

}  // namespace taskrun::cli
