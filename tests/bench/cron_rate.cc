// How many due times a second one processor finds, for expressions that people write, and how many a search finds that
// steps from minute to minute. One line each: the expression's name, ours, the stepper's. Then what refusals cost.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "schedule/cron.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::sys_seconds;
using taskrun::CronExpression;
using taskrun::CronField;
using taskrun::DayRule;

constexpr auto kBudget = std::chrono::milliseconds(200);
constexpr sys_seconds kStart{std::chrono::seconds(1'767'225'600)};  // 2026-01-01
constexpr sys_seconds kEnd{std::chrono::seconds(4'102'444'800)};    // 2100-01-01

bool is_on_day(const CronExpression& cron, const taskrun::CivilTime& time) {
  const bool by_month = cron.matches(CronField::day_of_month, time);
  const bool by_week = cron.matches(CronField::day_of_week, time);
  if (cron.day_rule() == DayRule::either) return by_month || by_week;
  return (cron.day_rule() != DayRule::day_of_month || by_month) && (cron.day_rule() != DayRule::day_of_week || by_week);
}

sys_seconds step_to_next(const CronExpression& cron, sys_seconds time) {
  for (time += std::chrono::minutes(1);; time += std::chrono::minutes(1)) {
    const taskrun::CivilTime civil = taskrun::civil_time(time, cron.zone());
    const bool is_time = cron.matches(CronField::minute, civil) && cron.matches(CronField::hour, civil) &&
                         cron.matches(CronField::month, civil);
    if (is_time && is_on_day(cron, civil)) return time;
  }
}

// Calls of `step` a second. It takes a time and returns the next.
template <class Step>
double rate(Step step) {
  const auto begin = Clock::now();
  sys_seconds time = kStart;
  long count = 0;
  Clock::duration spent{};
  do {
    for (int i = 0; i < 16; ++i, ++count) time = time < kEnd ? step(time) : kStart;
    spent = Clock::now() - begin;
  } while (spent < kBudget);
  return static_cast<double>(count) / std::chrono::duration<double>(spent).count();
}

CronExpression expression(const char* text, taskrun::Zone zone, taskrun::DstPolicy dst = {}) {
  return std::get<CronExpression>(taskrun::parse_cron(text, zone, dst).value().schedule);
}

double rate_of_ours(const CronExpression& cron) {
  return rate([&](sys_seconds time) { return taskrun::next_due(cron, time).value_or(kEnd); });
}

void measure(const char* name, const char* text, taskrun::Zone zone) {
  const CronExpression cron = expression(text, zone);
  const double ours = rate_of_ours(cron);
  const double steps = rate([&](sys_seconds time) { return step_to_next(cron, time); });
  std::printf("%s\t%.0f\t%.0f\n", name, ours, steps);
}

// The longest of a few refusals, in microseconds.
void measure_refusal(const char* name, const std::string& text, taskrun::Zone zone) {
  const auto begin = Clock::now();
  const bool is_refused = !taskrun::parse_cron(text, zone).has_value();
  const std::chrono::duration<double, std::micro> spent = Clock::now() - begin;
  if (!is_refused) std::abort();
  std::printf("%s\t%.1f\t\n", name, spent.count());
}

}  // namespace

int main() {
  const taskrun::Zone zone = taskrun::find_zone("Europe/Berlin").value();
  measure("every minute", "* * * * *", zone);
  measure("every 5 minutes", "*/5 * * * *", zone);
  measure("hourly", "0 * * * *", zone);
  measure("daily at 02:30", "30 2 * * *", zone);
  measure("every 10 min in working hours", "*/10 9-17 * * 1-5", zone);
  measure("Mondays", "15 6 * * MON", zone);
  measure("monthly", "0 0 1 * *", zone);
  measure("last day of the month", "0 0 L * *", zone);
  measure("third Friday", "0 12 * * 5#3", zone);
  measure("29 February", "0 0 29 2 *", zone);
  constexpr taskrun::DstPolicy kSkip{taskrun::DstPolicy::Gap::skip, taskrun::DstPolicy::Overlap::once};
  std::printf("29 February on a Friday\t%.0f\t\n", rate_of_ours(expression("0 0 * 2 5#5", zone)));
  std::printf("always in a gap that skips\t%.0f\t\n", rate_of_ours(expression("30 2 * 3 0L", zone, kSkip)));
  measure_refusal("refuse a value", "61 * * * *", zone);
  measure_refusal("refuse a date", "0 0 31 2 *", zone);
  measure_refusal("refuse a zone", "TZ=Amerika/Argentinien/Buenos_Aires_y_La_Plata 0 0 * * *", zone);
  measure_refusal("refuse the same zone", "TZ=Amerika/Argentinien/Buenos_Aires_y_La_Plata 0 0 * * *", zone);
  measure_refusal("refuse a long text", std::string(1'000'000, '1'), zone);
  measure_refusal("refuse a long list", std::string(990, ','), zone);
  return 0;
}
