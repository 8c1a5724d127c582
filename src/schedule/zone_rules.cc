// The one place where the tz database is read, through Abseil. It would take "../x", absolute paths and made-up offsets
// for names, and answers UTC for what it cannot read: what a name is, find_zone decides before.

#include "schedule/zone_rules.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

namespace taskrun {
namespace {

// Beyond all that is asked, and far from overflow.
constexpr Seconds kFarAway = Seconds{1} << 40;

// Abseil tells changes for 400 years after a zone's last explicit one. Where rules go on for ever, they repeat then.
constexpr Seconds kTableEnd = 17'987'443'200;  // 2540-01-01
constexpr Seconds kForEver = 10'413'792'000;   // 2300-01-01: a change after it is no explicit one

void repeat_to_the_end(std::vector<ZoneSegment>& segments) {
  const Seconds last = segments.back().begin;
  if (last < kForEver) return;
  const auto is_in_last_cycle = [&](const ZoneSegment& segment) { return segment.begin > last - kCycle; };
  auto place =
      static_cast<std::size_t>(std::find_if(segments.begin(), segments.end(), is_in_last_cycle) - segments.begin());
  for (; segments[place].begin + kCycle < kTableEnd; ++place) {
    const ZoneSegment segment = segments[place];
    segments.push_back({segment.begin + kCycle, segment.offset, segment.fresh + kCycle});
  }
}

std::vector<ZoneSegment> segments_of(const absl::TimeZone& zone) {
  absl::Time time = absl::FromUnixSeconds(-kFarAway);
  std::vector<ZoneSegment> segments{{-kFarAway, zone.At(time).offset, -kFarAway}};
  absl::TimeZone::CivilTransition change;
  while (zone.NextTransition(time, &change)) {
    const ZoneSegment& last = segments.back();
    const Seconds local_end = change.from - absl::CivilSecond();
    const Seconds begin = local_end - last.offset;
    if (change.to != change.from) {  // else another name or daylight flag for the same offset
      segments.push_back({begin, last.offset + (change.to - change.from), std::max(last.fresh, local_end)});
    }
    time = absl::FromUnixSeconds(begin);
  }
  repeat_to_the_end(segments);
  return segments;
}

}  // namespace

std::size_t ZoneRules::segment_at(Seconds utc) const {
  const auto after = std::upper_bound(segments.begin() + 1, segments.end(), utc,
                                      [](Seconds time, const ZoneSegment& segment) { return time < segment.begin; });
  return static_cast<std::size_t>(after - segments.begin()) - 1;
}

Seconds ZoneRules::end_of(std::size_t segment) const {
  return segment + 1 < segments.size() ? segments[segment + 1].begin : kFarAway;
}

const ZoneRules* load_zone_rules(std::string_view name) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static std::map<std::string, std::unique_ptr<const ZoneRules>, std::less<>> loaded;
  if (const auto found = loaded.find(name); found != loaded.end()) return found->second.get();
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(std::string(name), &zone)) return nullptr;
  auto rules = std::make_unique<const ZoneRules>(ZoneRules{std::string(name), segments_of(zone)});
  return loaded.emplace(name, std::move(rules)).first->second.get();
}

}  // namespace taskrun
