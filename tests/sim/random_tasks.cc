#include "random_tasks.h"

#include <array>
#include <cassert>
#include <utility>
#include <variant>
#include <vector>

#include "schedule/cron.h"
#include "schedule/schedule.h"
#include "schedule/zone.h"

namespace taskrun::sim {
namespace {

using namespace std::chrono_literals;

CronExpression cron(const std::string& text, const char* zone) {
  const auto parsed = parse_cron(text, find_zone(zone).value_or(utc_zone()));
  assert(parsed && std::holds_alternative<CronExpression>(parsed->schedule));
  return std::get<CronExpression>(parsed->schedule);
}

// Sparse and dense, wildcard and fixed, at the edges of days and months, within the hours of clock changes.
Cron random_cron(Random& random) {
  static constexpr std::array kTexts = {"*/30 * * * *",    "7 * * * *",        "0 3 * * *",      "*/5 9-11 * * *",
                                        "*/10 * 4 * * *",  "30 2 * * *",       "0 0 L * *",      "* 13 14 * * *",
                                        "15,45 */2 * * *", "0 12 * * MON-FRI", "59 59 23 * * *", "0 0 * * *",
                                        "30 1-3 * * *",    "*/20 * * * *",     "0 */6 * * *",    "10 30 2 * * *"};
  static constexpr std::array kZones = {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"};
  const char* zone = kZones[random.below(kZones.size())];
  std::vector<CronExpression> expressions;
  do {
    expressions.push_back(cron(kTexts[random.below(kTexts.size())], zone));
  } while (random.chance(20));
  return Cron(std::move(expressions));
}

At random_times(WallTime now, Random& random) {
  std::vector<WallTime> times;
  const std::uint64_t count = 1 + random.below(40);
  for (std::uint64_t i = 0; i < count; ++i) times.push_back(now + random.between(-6h, 48h));
  return At(std::move(times));
}

Schedule random_schedule(WallTime now, Random& random) {
  const std::uint64_t kind = random.below(100);
  if (kind < 45) return random_cron(random);
  if (kind < 60) return random_times(now, random);
  if (kind < 80) return Every{random.between(2min, 2h)};
  if (kind < 92) return Delay{random.between(2min, 2h)};
  return OnRequest{};
}

TaskPolicy random_policy(Random& random) {
  TaskPolicy policy;
  policy.enabled = random.chance(92);
  policy.run_at_start = random.chance(20);
  policy.overlap = random.one_of({Overlap::skip, Overlap::queue, Overlap::parallel, Overlap::replace});
  policy.catch_up = random.one_of({CatchUp::none, CatchUp::latest, CatchUp::all});
  policy.catch_up_limit = static_cast<int>(1 + random.below(12));
  policy.pool = random.chance(40) ? "db" : "";
  if (random.chance(25)) policy.jitter = random.between(1s, 10min);
  if (random.chance(25)) policy.start_deadline = random.between(1s, 20min);
  if (random.chance(40)) policy.retry.attempts = 3;
  if (random.chance(20)) policy.retry.delay = 2min;
  policy.timeout = random.between(20s, 1h);
  policy.grace = kGrace;
  const Hook hook{ShellText{"hook"}, kHookTimeout, {}};
  if (random.chance(30)) policy.on_failure = hook;
  if (random.chance(15)) policy.on_success = hook;
  if (random.chance(30)) policy.on_stop = hook;
  return policy;
}

}  // namespace

std::string random_name(Random& random) { return "t" + std::to_string(random.below(kNames)); }

TaskSpecPtr random_task(const std::string& name, WallTime now, Random& random) {
  auto policy = std::make_shared<const TaskPolicy>(random_policy(random));
  return std::make_shared<TaskSpec>(TaskSpec{name, ShellText{"x"}, random_schedule(now, random), std::move(policy)});
}

TaskSpecPtr changed_task(const TaskSpec& task, WallTime now, Random& random) {
  auto policy = std::make_shared<const TaskPolicy>(random_policy(random));
  Schedule schedule = random.chance(50) ? task.schedule : random_schedule(now, random);
  return std::make_shared<TaskSpec>(TaskSpec{task.name, ShellText{"x"}, std::move(schedule), std::move(policy)});
}

TaskSpecPtr ordinary_task(std::size_t number) {
  const std::string minute = std::to_string(number % 60);
  const std::string hour = std::to_string(number % 24);
  const std::string text = number % 20 == 0   ? minute + " * * * *"
                           : number % 20 == 1 ? minute + " " + hour + " * * MON"
                                              : minute + " " + hour + " * * *";
  static const auto policy = std::make_shared<const TaskPolicy>();
  return std::make_shared<TaskSpec>(
      TaskSpec{"t" + std::to_string(number), ShellText{"x"}, Cron(cron(text, "Europe/Berlin")), policy});
}

}  // namespace taskrun::sim
