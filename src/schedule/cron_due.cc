// Due times are searched in local time, where the fields live, one stretch of constant offset after the other; what a
// clock change does is decided where two stretches meet (docs/schedules.md, "Clock changes").

#include <algorithm>
#include <cassert>

#include "schedule/cron_calendar.h"
#include "schedule/schedule.h"

namespace taskrun {
namespace {

using Expressions = std::vector<CronExpression>;

bool shows_repeated(const CronExpression& cron) {
  return cron.is_wildcard() || cron.dst().overlap == DstPolicy::Overlap::twice;
}
bool runs_skipped(const CronExpression& cron) { return !cron.is_wildcard() && cron.dst().gap == DstPolicy::Gap::run; }

// A gap may skip every time that a rare date has; then the search ends here.
constexpr Seconds kSearched = Seconds{50} * 366 * calendar::kDay;

// What one clock change, the beginning of a segment, means to local times.
struct Seam {
  Seconds skipped_from = 0;  // local times in [skipped_from, skipped_to) run at the change
  Seconds skipped_to = 0;
};

Seam seam_at(const ZoneRules& rules, std::size_t segment) {
  const ZoneSegment& after = rules.segments[segment];
  const Seconds before_end = rules.local_end_of(segment - 1);
  const bool is_short = std::chrono::seconds(after.local_begin() - before_end) < kLongGap;
  return is_short ? Seam{after.fresh, after.local_begin()} : Seam{};
}

// The walk of one expression over the segments of its zone. `low` is the first local time that was searched, `match`
// the first match from there on: nothing lies between.
class Walk {
 public:
  Walk(const CronExpression& cron, Seconds after)
      : cron_(cron), rules_(cron.zone().rules()), segment_(rules_.segment_at(after)) {
    const ZoneSegment& segment = rules_.segments[segment_];
    search(first_shown(segment, after + segment.offset + 1));
    last_ = low_ + kSearched;
  }

  std::optional<Seconds> first() {
    while (match_ && *match_ <= last_) {
      if (*match_ < rules_.local_end_of(segment_)) return *match_ - rules_.segments[segment_].offset;
      if (++segment_ == rules_.segments.size()) break;
      const Seam seam = seam_at(rules_, segment_);
      const ZoneSegment& segment = rules_.segments[segment_];
      const bool is_skipped = *match_ >= seam.skipped_from && *match_ < seam.skipped_to;
      if (is_skipped && runs_skipped(cron_)) return segment.begin;
      const Seconds begin = first_shown(segment, segment.local_begin());
      if (begin > *match_ || begin < low_) search(begin);
    }
    return std::nullopt;
  }

 private:
  // A fixed time that an earlier segment has shown is over.
  [[nodiscard]] Seconds first_shown(const ZoneSegment& segment, Seconds local) const {
    return shows_repeated(cron_) ? local : std::max(local, segment.fresh);
  }
  void search(Seconds local) {
    low_ = local;
    match_ = calendar::first_match(cron_.fields(), local);
  }

  const CronExpression& cron_;
  const ZoneRules& rules_;
  std::size_t segment_;
  Seconds low_ = 0;
  Seconds last_ = 0;
  std::optional<Seconds> match_;
};

std::optional<Seconds> next_second(const CronExpression& cron, Seconds after) {
  const Seconds back = cycles_back(after);
  const std::optional<Seconds> next = Walk(cron, after - back).first();
  return next ? std::optional(*next + back) : std::nullopt;
}

std::optional<Seconds> next_second(const Expressions& expressions, Seconds after) {
  std::optional<Seconds> first;
  for (const CronExpression& cron : expressions) {
    const std::optional<Seconds> next = next_second(cron, after);
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

// Counts the due times of expressions of one zone, segment by segment, by the same rules as Walk.
class SegmentCount {
 public:
  explicit SegmentCount(const Expressions& expressions) : rules_(expressions.front().zone().rules()) {
    for (const CronExpression& cron : expressions) {
      all_.push_back(&cron.fields());
      if (shows_repeated(cron)) repeating_.push_back(&cron.fields());
      if (runs_skipped(cron)) catching_up_.push_back(&cron.fields());
    }
  }

  /// Of (after, until].
  [[nodiscard]] std::int64_t between(Seconds after, Seconds until) const {
    std::int64_t count = 0;
    for (std::size_t i = rules_.segment_at(after + 1); i < rules_.segments.size(); ++i) {
      const ZoneSegment& segment = rules_.segments[i];
      if (segment.begin > until) break;
      const Seconds begin = std::max(after + 1, segment.begin) + segment.offset;
      const Seconds end = std::min(until + 1, rules_.end_of(i)) + segment.offset;
      const Seconds fresh = std::clamp(segment.fresh, begin, end);
      count += calendar::count_matches(repeating_, begin, fresh) + calendar::count_matches(all_, fresh, end);
      if (segment.begin > after && runs_at_seam(i)) ++count;
    }
    return count;
  }

 private:
  // Whether the change itself is a due time that the segment after it does not count.
  [[nodiscard]] bool runs_at_seam(std::size_t i) const {
    const Seam seam = seam_at(rules_, i);
    const Seconds begin = rules_.segments[i].local_begin();
    return calendar::count_matches(catching_up_, seam.skipped_from, seam.skipped_to) > 0 &&
           calendar::count_matches(all_, begin, begin + 1) == 0;
  }

  const ZoneRules& rules_;
  std::vector<const CronFields*> all_;
  std::vector<const CronFields*> repeating_;    // run again where local time is repeated
  std::vector<const CronFields*> catching_up_;  // run at the end of a gap
};

bool are_of_one_zone(const Expressions& expressions) {
  return std::all_of(expressions.begin(), expressions.end(),
                     [&](const CronExpression& cron) { return cron.zone() == expressions.front().zone(); });
}

std::int64_t count_one_by_one(const Expressions& expressions, Seconds after, Seconds until) {
  std::int64_t count = 0;
  for (auto next = next_second(expressions, after); next && *next <= until; next = next_second(expressions, *next)) {
    ++count;
  }
  return count;
}

std::int64_t count_between(const Expressions& expressions, Seconds after, Seconds until) {
  if (after >= until) return 0;
  return are_of_one_zone(expressions) ? SegmentCount(expressions).between(after, until)
                                      : count_one_by_one(expressions, after, until);
}

// The latest moment after which `n` due times lie until `until`; they are known to exist after `after`. No two are at
// the same second, so a window that grows by doubling is cut by halving to exactly that many.
Seconds begin_of_latest(const Expressions& expressions, Seconds after, Seconds until, std::int64_t n) {
  Seconds width = 1;
  while (until - width > after && count_between(expressions, until - width, until) < n) width *= 2;
  Seconds enough = std::max(after, until - width);
  Seconds too_few = until - width / 2;  // or just enough, where the first window was
  while (too_few - enough > 1) {
    const Seconds middle = enough + (too_few - enough) / 2;
    (count_between(expressions, middle, until) < n ? too_few : enough) = middle;
  }
  return enough;
}

std::optional<WallTime> as_wall_time(std::optional<Seconds> seconds) {
  return seconds && *seconds <= kLastSecond ? std::optional(from_utc_seconds(*seconds)) : std::nullopt;
}

}  // namespace

Cron::Cron(CronExpression expression) : Cron(Expressions{std::move(expression)}) {}

Cron::Cron(Expressions expressions) : expressions_(std::make_shared<const Expressions>(std::move(expressions))) {
  assert(!expressions_->empty());
}

std::optional<std::chrono::sys_seconds> next_due(const CronExpression& expression, std::chrono::sys_seconds after) {
  const std::optional<Seconds> next = next_second(expression, after.time_since_epoch().count());
  return next ? std::optional(std::chrono::sys_seconds(std::chrono::seconds(*next))) : std::nullopt;
}

std::optional<WallTime> next_due(const Cron& cron, WallTime after) {
  return as_wall_time(next_second(cron.expressions(), utc_seconds(after)));
}

WallDueTimes due_between(const Cron& cron, WallTime after, WallTime until) {
  const std::int64_t count = count_between(cron.expressions(), utc_seconds(after), utc_seconds(until));
  if (count == 0) return {};
  return {*next_due(cron, after), latest_due(cron, after, until, 1).front(), count};
}

std::vector<WallTime> latest_due(const Cron& cron, WallTime after, WallTime until, std::size_t n) {
  const Expressions& expressions = cron.expressions();
  const Seconds last = utc_seconds(until);
  const std::int64_t count = count_between(expressions, utc_seconds(after), last);
  const auto wanted = n < static_cast<std::size_t>(count) ? static_cast<std::int64_t>(n) : count;
  if (wanted == 0) return {};
  std::vector<WallTime> times;
  Seconds time = begin_of_latest(expressions, utc_seconds(after), last, wanted);
  for (std::int64_t i = 0; i < wanted; ++i) {
    time = *next_second(expressions, time);
    times.push_back(from_utc_seconds(time));
  }
  return times;
}

}  // namespace taskrun
