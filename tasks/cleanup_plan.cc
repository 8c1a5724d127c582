#include "tasks/cleanup_plan.h"

#include <algorithm>
#include <tuple>

namespace taskrun::tasks {
namespace {

bool is_newer(const Candidate& a, const Candidate& b) {
  return std::tie(b.modified, a.directory, a.name) < std::tie(a.modified, b.directory, b.name);
}

bool is_before(const Candidate& a, const Candidate& b) {
  return std::tie(a.directory, a.name) < std::tie(b.directory, b.name);
}

// How many of the candidates, oldest first, must go so that the rest fits. `first` is the newest that may go.
std::size_t too_many(const std::vector<Candidate>& newest_first, std::size_t first, Bytes limit) {
  std::uint64_t total = 0;
  for (const Candidate& candidate : newest_first) total += candidate.size.count;
  std::size_t count = 0;
  for (std::size_t i = newest_first.size(); i > first && total > limit.count; --i) {
    total -= newest_first[i - 1].size.count;
    ++count;
  }
  return count;
}

// How many of the candidates, oldest first, are older than `age`.
std::size_t too_old(const std::vector<Candidate>& newest_first, std::size_t first, Nanos age, WallTime now) {
  const auto young_end = std::partition_point(newest_first.begin(), newest_first.end(),
                                              [&](const Candidate& c) { return now - c.modified <= age; });
  const auto young = static_cast<std::size_t>(young_end - newest_first.begin());
  return newest_first.size() - std::max(first, young);
}

}  // namespace

// Sorted by age, every criterion is a number of files off the old end; the largest number wins.
std::vector<Candidate> choose(std::vector<Candidate> candidates, const Criteria& criteria, WallTime now) {
  std::ranges::sort(candidates, is_newer);
  const std::size_t kept = std::min<std::uint64_t>(criteria.keep_newest.value_or(0), candidates.size());
  std::size_t count = criteria.older_than || criteria.max_total_size ? 0 : candidates.size() - kept;
  if (criteria.older_than) count = too_old(candidates, kept, *criteria.older_than, now);
  if (criteria.max_total_size) count = std::max(count, too_many(candidates, kept, *criteria.max_total_size));
  candidates.erase(candidates.begin(), candidates.end() - static_cast<std::ptrdiff_t>(count));
  std::ranges::sort(candidates, is_before);
  return candidates;
}

}  // namespace taskrun::tasks
