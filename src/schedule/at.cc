#include <algorithm>

#include "schedule/schedule.h"

namespace taskrun {
namespace {

using Place = std::vector<WallTime>::const_iterator;

Place first_after(const At& at, WallTime time) { return std::upper_bound(at.times().begin(), at.times().end(), time); }

}  // namespace

At::At(std::vector<WallTime> times) {
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  times_ = std::make_shared<const std::vector<WallTime>>(std::move(times));
}

std::optional<WallTime> next_due(const At& at, WallTime after) {
  const Place found = first_after(at, after);
  return found != at.times().end() ? std::optional(*found) : std::nullopt;
}

WallDueTimes due_between(const At& at, WallTime after, WallTime until) {
  const Place begin = first_after(at, after);
  const Place end = first_after(at, until);
  if (begin >= end) return {};
  return {*begin, *std::prev(end), end - begin};
}

std::vector<WallTime> latest_due(const At& at, WallTime after, WallTime until, std::size_t n) {
  const Place begin = first_after(at, after);
  const Place end = first_after(at, until);
  if (begin >= end) return {};
  const auto kept = std::min(static_cast<std::size_t>(end - begin), n);
  return {end - static_cast<std::ptrdiff_t>(kept), end};
}

}  // namespace taskrun
