// When a task runs: `cron` and `at`. An expression can only be read once the task's zone and its rules of clock changes
// are known, which may stand after it.

#include "manifest/when.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "manifest/cron_doubts.h"
#include "schedule/duration.h"

namespace taskrun::manifest {
namespace {

constexpr std::string_view kCron = "cron";
constexpr std::string_view kExpected = "a cron expression or an array of them";

// An item of an array, called by the array's name.
Value named_item(const Value& array, const Node& item) { return {array.source(), item, array.key(), array.key_at()}; }

// Zones that could not be had are reported; then the mistakes of the expression are still found.
Zone zone_of(const WhenDraft& draft, const Value& value) {
  if (draft.clock.zone) return *draft.clock.zone;
  const auto& local_zone = value.source().surroundings.local_zone;
  if (!local_zone) return utc_zone();
  const Result<Zone> zone = local_zone();
  if (zone) return *zone;
  value.error(fmt::format("the local time zone is not known: {}", zone.error().message),
              "name one: \"timezone\": \"Europe/Berlin\", or \"UTC\"");
  return utc_zone();
}

Schedule lone_period(const Value& value, const Every& every) {
  if (every.period >= limits::kShortestPeriod) return every;
  value.error(
      fmt::format("\"cron\": the period of @every must be at least {}", format_duration(limits::kShortestPeriod)));
  return OnRequest{};
}

// One expression; nothing where it is none, or `@every`, which only a lone one can be.
void read_item(const Value& item, Zone zone, DstPolicy dst, std::vector<CronExpression>& expressions) {
  std::optional<ParsedCron> parsed = item.cron(zone, dst);
  if (!parsed) return;
  auto* const expression = std::get_if<CronExpression>(&parsed->schedule);
  if (expression == nullptr) {
    item.error("\"cron\": @every counts elapsed time and cannot stand among other expressions",
               "give it a task of its own, with \"every\"");
    return;
  }
  warn_of_doubts(item, *parsed);
  expressions.push_back(std::move(*expression));
}

Schedule read_array(const Value& value, Zone zone, DstPolicy dst) {
  const std::size_t count = value.node().items.size();
  if (count == 0) value.error("\"cron\" must not be empty");
  if (count > limits::kCronExpressions) {
    value.error(fmt::format("\"cron\" holds more than {} expressions", limits::kCronExpressions));
    return OnRequest{};
  }
  std::vector<CronExpression> expressions;
  expressions.reserve(count);
  for (const Node& item : value.node().items) read_item(named_item(value, item), zone, dst, expressions);
  if (expressions.empty()) return OnRequest{};
  return Cron(std::move(expressions));
}

Schedule read_cron(const Value& value, Zone zone, DstPolicy dst) {
  if (value.node().kind == Kind::array) return read_array(value, zone, dst);
  if (value.node().kind != Kind::string) {
    value.wrong_type(kExpected);
    return OnRequest{};
  }
  std::optional<ParsedCron> parsed = value.cron(zone, dst);
  if (!parsed) return OnRequest{};
  if (const auto* const every = std::get_if<Every>(&parsed->schedule)) return lone_period(value, *every);
  warn_of_doubts(value, *parsed);
  return Cron(std::get<CronExpression>(std::move(parsed->schedule)));
}

void warn_of_useless_keys(const WhenDraft& draft, Mistakes& mistakes) {
  for (const WhenDraft::WallKey& key : draft.wall_keys) {
    const bool is_about_local_time = key.name == "timezone" || key.name == "dst";
    if (draft.key == kCron || (draft.key == "at" && !is_about_local_time)) continue;
    mistakes.warning(key.at, fmt::format("\"{}\" means nothing without \"cron\"{}", key.name,
                                         is_about_local_time ? "" : " or \"at\""));
  }
}

}  // namespace

void read_at(const Value& value, WhenDraft& draft) {
  std::vector<WallTime> times;
  if (value.node().kind == Kind::array) {
    if (value.node().items.empty()) value.error("\"at\" must not be empty");
    for (const Node& item : value.node().items) {
      if (const std::optional<WallTime> time = named_item(value, item).time()) times.push_back(*time);
    }
  } else if (const std::optional<WallTime> time = value.time()) {
    times.push_back(*time);
  }
  if (times.empty()) return;
  const std::optional<WallTime> now = value.source().surroundings.now;
  if (now && *std::max_element(times.begin(), times.end()) <= *now) {
    value.source().mistakes.warning(value.node().begin, times.size() == 1 ? "\"at\": this time has passed"
                                                                          : "\"at\": all of these times have passed");
  }
  draft.schedule = At(std::move(times));
}

Schedule finish_when(WhenDraft& draft, const Source& source) {
  warn_of_useless_keys(draft, source.mistakes);
  if (draft.cron == nullptr) return std::move(draft.schedule);
  const Value value(source, *draft.cron, kCron, draft.key_at);
  return read_cron(value, zone_of(draft, value), draft.clock.dst);
}

}  // namespace taskrun::manifest
