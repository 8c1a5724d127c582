#pragma once

#include <array>
#include <optional>
#include <string>

#include "schedule/cron.h"

namespace taskrun::cli {

/// What one field of an expression says about a moment.
struct FieldReason {
  CronField field{};
  std::string written;  ///< as in the expression
  std::string shown;    ///< what the clock or the calendar shows there: "30", "March", "Sunday"
  bool matches = false;
};

/// Why a cron expression is due at a moment or is not.
struct CronReason {
  bool is_due = false;
  CivilTime local;                    ///< what the clock of the expression's zone shows
  std::array<FieldReason, 6> fields;  ///< in their order
  DayRule day_rule = DayRule::every_day;
  /// The clock change that the moment has to do with: in the hours that it repeats, or right at its gap.
  std::optional<OffsetChange> change;
  /// The whole of it in one or two sentences.
  std::string words;
};

[[nodiscard]] CronReason reason_for(const CronExpression& expression, WallTime time);

}  // namespace taskrun::cli
