#include "tasks/billing_charge.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

namespace taskrun::tasks {
namespace {

// A price of 63 bits times a time of 64 bits fits.
__extension__ using Wide = __int128;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// What it owes from its start until `time`, rounded down.
Wide owed(const BilledInstance& instance, std::int64_t time) {
  return Wide(instance.price_per_hour) * (Wide(time) - instance.started) / kHour;
}

}  // namespace

std::uint64_t length(const Charge& charge) {
  return static_cast<std::uint64_t>(charge.until) - static_cast<std::uint64_t>(charge.from);
}

std::int64_t last_boundary(std::int64_t now, std::int64_t granularity) {
  assert(granularity >= 1);
  const std::int64_t over = now % granularity;
  return now - (over < 0 ? over + granularity : over);
}

Result<std::optional<Charge>> charge(const BilledInstance& instance, std::int64_t boundary) {
  const std::int64_t from = instance.billed_until.value_or(instance.started);
  const std::int64_t until = std::min(boundary, instance.stopped.value_or(kMost));
  if (instance.price_per_hour < 0) return fail("its price is below 0");
  if (from < instance.started) return fail("it was billed until a time before its start");
  if (until <= from) return std::nullopt;
  const Wide amount = owed(instance, until) - owed(instance, from);
  if (amount > kMost) return fail("what it owes does not fit 64 bits");
  return Charge{.instance = instance.id,
                .price_per_hour = instance.price_per_hour,
                .from = from,
                .until = until,
                .amount = static_cast<std::int64_t>(amount)};
}

std::optional<std::int64_t> sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) return std::nullopt;
  return result;
}

std::string format_micros(std::int64_t micros) {
  constexpr std::int64_t kUnit = 1'000'000;
  return fmt::format("{}{}.{:06}", micros < 0 ? "-" : "", micros / kUnit * (micros < 0 ? -1 : 1),
                     std::abs(micros % kUnit));
}

}  // namespace taskrun::tasks
