#include "engine/admission.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace taskrun::engine {

Admission::Admission(int max_parallel, const std::vector<std::pair<std::string, int>>& pools) {
  change(max_parallel, pools, [](const Ticket&) { return false; });
}

void Admission::change(int max_parallel, const std::vector<std::pair<std::string, int>>& pools,
                       const IsWaiting& is_waiting) {
  places_ = max_parallel;
  for (Limit& limit : pools_) {
    limit.is_gone = true;
    limit.places = std::numeric_limits<int>::max();
  }
  for (const auto& [name, places] : pools) {
    Limit& limit = limit_of(name);
    limit.places = places;
    limit.is_gone = false;
  }
  take_back();
  for (std::size_t i = 0; i < pools_.size(); ++i) hand_out(pools_[i], static_cast<Pool>(i), is_waiting);
}

// From the last that have a pool's place but none of the runner's, where the pool has fewer now: they wait first in
// line.
void Admission::take_back() {
  std::deque<Ready> kept;
  for (; !ready_.empty(); ready_.pop_back()) {
    const Ready& last = ready_.back();
    Limit* limit = last.pool == kNoPool ? nullptr : &pools_[last.pool];
    if (limit != nullptr && limit->taken > limit->places) {
      --limit->taken;
      limit->queue.push_front(last.ticket);
    } else {
      kept.push_front(last);
    }
  }
  ready_ = std::move(kept);
}

// The pool of that name, also one that was gone; else a new one, in a place that nobody needs any more.
Admission::Limit& Admission::limit_of(const std::string& name) {
  const auto same = std::ranges::find(pools_, name, &Limit::name);
  if (same != pools_.end()) return *same;
  const auto vacant =
      std::ranges::find_if(pools_, [](const Limit& limit) { return limit.is_gone && limit.taken == 0; });
  Limit& limit = vacant != pools_.end() ? *vacant : pools_.emplace_back();
  limit.name = name;
  return limit;
}

Admission::Pool Admission::find_pool(std::string_view name) const {
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (pools_[i].name == name && !pools_[i].is_gone) return static_cast<Pool>(i);
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
  assert(limit.taken > 0);
  --limit.taken;
  hand_out(limit, pool, is_waiting);
}

void Admission::hand_out(Limit& limit, Pool pool, const IsWaiting& is_waiting) {
  while (limit.taken < limit.places && !limit.queue.empty()) {
    const Ticket next = limit.queue.front();
    limit.queue.pop_front();
    if (!is_waiting(next)) continue;
    ++limit.taken;
    ready_.push_back({next, pool});
  }
}

}  // namespace taskrun::engine
