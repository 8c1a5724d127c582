// Cron expressions: what is refused says why and where; what is read is due after the moment asked, at a time that its
// fields match, and reads back as itself.

#include "schedule/cron.h"
#include "tests/fuzz/target.h"

using taskrun::CronExpression;
using taskrun::CronField;
using taskrun::DayRule;
using taskrun::fuzz::require;

namespace {

bool matches_day(const CronExpression& cron, const taskrun::CivilTime& time) {
  const bool by_month = cron.matches(CronField::day_of_month, time);
  const bool by_week = cron.matches(CronField::day_of_week, time);
  switch (cron.day_rule()) {
    case DayRule::every_day: return true;
    case DayRule::day_of_month: return by_month;
    case DayRule::day_of_week: return by_week;
    case DayRule::either: return by_month || by_week;
  }
  return false;
}

bool matches(const CronExpression& cron, const taskrun::CivilTime& time) {
  for (const auto field : {CronField::second, CronField::minute, CronField::hour, CronField::month}) {
    if (!cron.matches(field, time)) return false;
  }
  return matches_day(cron, time);
}

void require_good(const CronExpression& cron) {
  const auto again = taskrun::parse_cron(cron.text(), cron.zone(), cron.dst());
  require(again.has_value() && std::get<CronExpression>(again->schedule) == cron, "an expression reads back as itself");
  std::string spelled;
  for (int field = 0; field < 6; ++field) spelled += cron.field_text(static_cast<CronField>(field)) + ' ';
  const auto respelled = taskrun::parse_cron(spelled, cron.zone());
  require(respelled && std::get<CronExpression>(respelled->schedule).fields() == cron.fields(), "its fields are it");
  std::chrono::sys_seconds time{std::chrono::seconds(1'774'000'000)};
  for (int i = 0; i < 8; ++i) {
    const auto next = taskrun::next_due(cron, time);
    if (!next) return;
    require(*next > time, "a due time is after the moment asked");
    const bool is_gap = !taskrun::offset_changes(cron.zone(), *next - std::chrono::seconds(1), *next).empty();
    require(is_gap || matches(cron, taskrun::civil_time(*next, cron.zone())), "the fields match");
    time = *next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = taskrun::fuzz::as_text(bytes, size);
  static const taskrun::Zone zone = taskrun::find_zone("Europe/Berlin").value();
  const auto parsed = taskrun::parse_cron(text, zone);
  if (!parsed) {
    require(!parsed.error().message.empty() && !parsed.error().hint.empty(), "a mistake has a message and a hint");
    require(parsed.error().column >= 1 && parsed.error().column <= size + 1, "a mistake is within the text");
  } else if (const auto* cron = std::get_if<CronExpression>(&parsed->schedule)) {
    require_good(*cron);
  } else {
    require(std::get<taskrun::Every>(parsed->schedule).period > taskrun::Nanos::zero(), "an interval is above zero");
  }
  return 0;
}
