#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "cli/manifest_choice.h"
#include "cli/name.h"
#include "report/history_file.h"

/// What was asked of the history: what `start` keeps, and what `history` and `show` look for.
namespace taskrun::cli {

/// A number of rows, from 1 on.
struct RowCount {
  std::uint64_t value = 0;
};

/// What a runner keeps, and how surely.
struct KeepOptions {
  std::optional<Nanos> keep;  ///< none: limits::kHistoryKeep
  RowCount keep_runs{limits::kHistoryKeepRuns};
  report::Durability durability = report::Durability::normal;
};

/// Whose history is meant: of an instance, of a manifest's, else of the only one there is (history_place.h).
struct HistoryChoice {
  Name instance;
  ManifestChoice manifest;
  std::optional<std::string> state;  ///< none: where the runner says, else the usual place (state_directory.h)
};

struct HistoryOptions {
  HistoryChoice of;
  std::optional<std::string> task;
  bool failed = false;
  std::optional<std::string> since;  ///< a duration before now, or a time
  std::optional<std::string> until;  ///< likewise
  RowCount limit{50};
  bool json = false;
  bool csv = false;
  bool summary = false;
};

/// `show`.
struct ShowRunOptions {
  HistoryChoice of;
  std::string run;  ///< its id, or the beginning or the end of it
  bool json = false;
};

}  // namespace taskrun::cli
