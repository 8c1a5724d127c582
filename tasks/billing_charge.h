#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

/// What a time costs, in whole numbers. Times are seconds since 1970 in UTC, money is in micros (millionths).
namespace taskrun::tasks {

struct BilledInstance {
  std::int64_t id = 0;
  std::int64_t price_per_hour = 0;
  std::int64_t started = 0;
  std::optional<std::int64_t> stopped;       ///< nothing while it runs
  std::optional<std::int64_t> billed_until;  ///< nothing where it was never billed
};

/// One row of the ledger: the period from `from` up to, and without, `until`.
struct Charge {
  std::int64_t instance = 0;
  std::int64_t price_per_hour = 0;
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::int64_t amount = 0;
};

/// How many seconds a period has. It may be longer than 63 bits count, but never than 64 do, since it ends after it
/// begins.
[[nodiscard]] std::uint64_t length(const Charge& charge);

/// The last whole `granularity` (at least 1, counted from 1970) that has ended at `now`.
[[nodiscard]] std::int64_t last_boundary(std::int64_t now, std::int64_t granularity);

/// What an instance owes up to `boundary`, or to its stop if that is earlier; nothing where it owes nothing, as after a
/// clock was set back. What is owed since its start is rounded down to whole micros, and each period is charged the
/// difference: so many periods cost together what one long one does. Fails where the amount does not fit 64 bits, or
/// the row makes no sense; the message has no name of the instance.
[[nodiscard]] Result<std::optional<Charge>> charge(const BilledInstance& instance, std::int64_t boundary);

/// a + b, or nothing where that does not fit.
[[nodiscard]] std::optional<std::int64_t> sum(std::int64_t a, std::int64_t b);

/// "12.345678" for 12,345,678 micros.
[[nodiscard]] std::string format_micros(std::int64_t micros);

}  // namespace taskrun::tasks
