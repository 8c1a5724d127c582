#include "engine/admission.h"

#include <cassert>

namespace taskrun::engine {

Admission::Admission(int max_parallel, const std::vector<std::pair<std::string, int>>& pools) : places_(max_parallel) {
  for (const auto& [name, places] : pools) pools_.push_back({name, places, 0, {}});
}

Admission::Pool Admission::find_pool(std::string_view name) const {
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (pools_[i].name == name) return static_cast<Pool>(i);
  }
  return kNoPool;
}

void Admission::enqueue(Ticket ticket, Pool pool) {
  if (pool != kNoPool && pools_[pool].taken >= pools_[pool].places) {
    pools_[pool].queue.push_back(ticket);
    return;
  }
  if (pool != kNoPool) ++pools_[pool].taken;
  ready_.push_back({ticket, pool});
}

std::optional<Admission::Ticket> Admission::admit(const IsWaiting& is_waiting) {
  while (!ready_.empty()) {
    const Ready next = ready_.front();
    if (!is_waiting(next.ticket)) {
      ready_.pop_front();
      release_pool(next.pool, is_waiting);
      continue;
    }
    if (taken_ >= places_) return std::nullopt;
    ready_.pop_front();
    ++taken_;
    return next.ticket;
  }
  return std::nullopt;
}

void Admission::release(Pool pool, const IsWaiting& is_waiting) {
  assert(taken_ > 0);
  --taken_;
  release_pool(pool, is_waiting);
}

void Admission::release_pool(Pool pool, const IsWaiting& is_waiting) {
  if (pool == kNoPool) return;
  Limit& limit = pools_[pool];
  while (!limit.queue.empty()) {
    const Ticket next = limit.queue.front();
    limit.queue.pop_front();
    if (!is_waiting(next)) continue;
    ready_.push_back({next, pool});  // the place goes from hand to hand
    return;
  }
  assert(limit.taken > 0);
  --limit.taken;
}

}  // namespace taskrun::engine
