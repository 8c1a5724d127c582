#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schedule/cron.h"

/// One field of a cron expression: its values, and its text read into bits.
namespace taskrun::cron_field {

/// What a field may hold.
struct Rule {
  std::string_view name;
  int min;
  int max;                 ///< of `*` and of `N/step`
  int largest;             ///< that may be written: a weekday of 7 is Sunday
  std::string_view names;  ///< three letters each, from `min` on
};

[[nodiscard]] const Rule& rule_of(CronField field);

/// What is wrong with a field, and where.
struct Fault {
  std::size_t at = 0;  ///< bytes from the field's beginning
  std::string problem;
  std::string hint;
};

/// A field read; with a fault, nothing else in it counts.
struct Reading {
  std::uint64_t values = 0;  ///< bit v: the plain value v
  CronDays days;             ///< only what depends on the month
  bool begins_star = false;
  bool is_restricted = true;  ///< not a bare `*`, `?` or `*/1`
  std::string warning;        ///< "" where there is none
  std::optional<Fault> fault;
};

[[nodiscard]] Reading read(CronField field, std::string_view text);

/// Puts what was read where the compiled fields have it.
void put(CronField field, const Reading& reading, CronFields& fields);

}  // namespace taskrun::cron_field
