#include "engine/waits.h"

#include <algorithm>
#include <cmath>

namespace taskrun::engine {
namespace {

// FNV-1a over the name and the due second, finished with splitmix64 so that near inputs end up far apart.
std::uint64_t mix(std::string_view task, std::uint64_t due) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : task) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  hash += due;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
  return hash ^ (hash >> 31);
}

}  // namespace

Nanos retry_wait(const RetryPolicy& policy, int attempt, std::mt19937_64& random) {
  const auto longest = static_cast<double>(policy.max_delay.count());
  const double grown = static_cast<double>(policy.delay.count()) * std::pow(policy.backoff, attempt - 1);
  const double wait = std::min(longest, grown);  // an overflow to infinity is cut here too
  const double spread = std::uniform_real_distribution<double>(-policy.jitter, policy.jitter)(random);
  return Nanos(static_cast<Nanos::rep>(std::max(0.0, std::min(wait * (1 + spread), 9e18))));
}

Nanos jitter_wait(Nanos jitter, std::string_view task, WallTime due) {
  if (jitter <= Nanos::zero()) return Nanos::zero();
  const auto hash = mix(task, static_cast<std::uint64_t>(due.time_since_epoch().count()));
  return Nanos(static_cast<Nanos::rep>(hash % (static_cast<std::uint64_t>(jitter.count()) + 1)));
}

}  // namespace taskrun::engine
