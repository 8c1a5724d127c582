#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "base/syntax_error.h"
#include "base/time.h"
#include "schedule/every.h"
#include "schedule/zone.h"

namespace taskrun {

/// What becomes of a fixed local time that the clock skips or shows twice (docs/schedules.md).
struct DstPolicy {
  enum class Gap { run, skip };
  enum class Overlap { once, twice };
  Gap gap = Gap::run;
  Overlap overlap = Overlap::once;
  friend bool operator==(const DstPolicy&, const DstPolicy&) = default;
};

/// A gap of local time that is this long is no change of clocks but of the calendar: nothing runs in place of what it
/// skips (docs/schedules.md).
inline constexpr std::chrono::hours kLongGap{3};

enum class CronField { second, minute, hour, day_of_month, month, day_of_week };

/// "second", "minute", "hour", "day of month", "month", "day of week".
[[nodiscard]] std::string_view name_of(CronField field);

/// Which of the two day fields decide on a day.
enum class DayRule {
  every_day,     ///< neither is restricted
  day_of_month,  ///< only that one is
  day_of_week,   ///< only that one is
  either,        ///< both are, and one is enough
};

/// What the two day fields ask for: plain numbers, and what depends on the month.
struct CronDays {
  std::uint32_t of_month = 0;         ///< bit d: day d
  std::uint32_t before_last = 0;      ///< bit n: `L-n`; bit 0: `L`
  std::uint32_t nearest_workday = 0;  ///< bit d: `dW`; bit 0: `LW`
  std::uint64_t nth_weekday = 0;      ///< bit 7·(n-1)+w: `w#n`
  std::uint8_t of_week = 0;           ///< bit w: weekday w, Sunday is 0
  std::uint8_t last_of_week = 0;      ///< bit w: `wL`
  friend bool operator==(const CronDays&, const CronDays&) = default;
};

/// The fields compiled to one bit for each value. None of the masks of times and months is empty.
struct CronFields {
  std::uint64_t seconds = 1;
  std::uint64_t minutes = 0;
  CronDays days;
  std::uint32_t hours = 0;
  std::uint16_t months = 0;      ///< bit m: month m
  std::uint8_t begins_star = 0;  ///< bit of a CronField: an item of it begins with `*` (or is `?`)
  DayRule day_rule = DayRule::every_day;
  friend bool operator==(const CronFields&, const CronFields&) = default;
};

/// A cron expression, read and compiled. Immutable; parse_cron makes it.
class CronExpression {
 public:
  CronExpression(std::string text, Zone zone, DstPolicy dst, const CronFields& fields)
      : fields_(fields), text_(std::move(text)), zone_(zone), dst_(dst) {}

  /// Without the zone prefix, blanks trimmed: "0 2 * * *", "@daily".
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Zone zone() const { return zone_; }
  [[nodiscard]] DstPolicy dst() const { return dst_; }
  [[nodiscard]] const CronFields& fields() const { return fields_; }
  [[nodiscard]] DayRule day_rule() const { return fields_.day_rule; }

  /// Whether the wildcard rule of clock changes applies: second, minute or hour has an item that begins with `*`.
  [[nodiscard]] bool is_wildcard() const;
  /// Whether an item of this field begins with `*` (or is `?`).
  [[nodiscard]] bool is_wildcard(CronField field) const;
  /// The field as written, a macro's as it expands; "0" for the second of five fields.
  [[nodiscard]] std::string field_text(CronField field) const;
  /// The plain values of a field, ascending; Sunday is 0. What depends on the month (`L`, `15W`, `5#3`) is not among
  /// them.
  [[nodiscard]] std::vector<int> values(CronField field) const;
  /// Whether this field by itself matches that moment: a day field without regard to the other one.
  [[nodiscard]] bool matches(CronField field, const CivilTime& time) const;

  friend bool operator==(const CronExpression&, const CronExpression&) = default;

 private:
  CronFields fields_;
  std::string text_;
  Zone zone_;
  DstPolicy dst_;
};

/// Why a cron expression cannot be read. The message holds field and column as well.
struct CronSyntaxError : SyntaxError {
  std::string field;       ///< "hour"; "" where it is no field's fault
  std::size_t column = 1;  ///< of the first wrong character, in characters from 1
};

/// What parse_cron reads.
struct ParsedCron {
  /// `@every D` is elapsed time and becomes an Every, of any period above zero; in whole
  /// microseconds, but for what is shorter than one.
  std::variant<CronExpression, Every> schedule;
  std::vector<std::string> warnings;  ///< accepted, but hardly meant: a step beyond its field
};

/// Reads `text` by docs/schedules.md. `default_zone` holds where the expression names none (`TZ=Zone `). An expression
/// that never fires is an error, and so is one longer than limits::kCronLength.
[[nodiscard]] tl::expected<ParsedCron, CronSyntaxError> parse_cron(std::string_view text, Zone default_zone,
                                                                   DstPolicy dst = {});

/// First due time strictly after `after`. Searched are the next fifty years, longer than any date takes to come again;
/// so nothing is the answer only where each time of a rare date falls into a gap that skips it. Years 0 to 9999.
[[nodiscard]] std::optional<std::chrono::sys_seconds> next_due(const CronExpression& expression,
                                                               std::chrono::sys_seconds after);

}  // namespace taskrun
