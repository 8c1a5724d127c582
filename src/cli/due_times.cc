#include "cli/due_times.h"

#include <queue>

namespace taskrun::cli {
namespace {

struct NextDue {
  WallTime start;
  WallTime after;

  std::optional<WallTime> operator()(const OnRequest&) const { return std::nullopt; }
  std::optional<WallTime> operator()(const Every& every) const {
    const std::int64_t passed = after < start ? 0 : (after - start) / every.period;
    return later(start, every.period, passed + 1);
  }
  std::optional<WallTime> operator()(const Delay& delay) const {
    const std::optional<WallTime> first = later(start, delay.wait, 1);
    return first && *first > after ? first : std::nullopt;
  }
  std::optional<WallTime> operator()(const Cron& cron) const { return next_due(cron, after); }
  std::optional<WallTime> operator()(const At& at) const { return next_due(at, after); }

  // Nothing beyond what a WallTime can hold (the year 2262).
  static std::optional<WallTime> later(WallTime base, Nanos step, std::int64_t times) {
    std::int64_t wait = 0;
    std::int64_t sum = 0;
    if (__builtin_mul_overflow(step.count(), times, &wait)) return std::nullopt;
    if (__builtin_add_overflow(base.time_since_epoch().count(), wait, &sum)) return std::nullopt;
    return WallTime(Nanos(sum));
  }
};

constexpr int kLastYear = 9999;

// Where a task of the list stands; equal times in the order of the list.
struct Cursor {
  WallTime at;
  std::size_t task;
  friend auto operator<=>(const Cursor&, const Cursor&) = default;
};

}  // namespace

std::optional<WallTime> next_due_after(const Schedule& schedule, WallTime start, WallTime after) {
  return std::visit(NextDue{start, after}, schedule);
}

bool is_from_start(const Schedule& schedule) {
  return std::holds_alternative<Every>(schedule) || std::holds_alternative<Delay>(schedule);
}

std::vector<DueTime> coming(const std::vector<TaskSpecPtr>& tasks, WallTime from, std::size_t count) {
  std::priority_queue<Cursor, std::vector<Cursor>, std::greater<>> queue;
  const auto advance = [&](std::size_t task, WallTime after) {
    const auto due = next_due_after(tasks[task]->schedule, from, after);
    if (due) queue.push({*due, task});
  };
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    if (tasks[task]->policy->enabled) advance(task, from);
  }
  std::vector<DueTime> out;
  while (out.size() < count && !queue.empty()) {
    const Cursor first = queue.top();
    queue.pop();
    out.push_back({first.at, tasks[first.task]});
    advance(first.task, first.at);
  }
  return out;
}

std::vector<Instant> coming(const ParsedCron& cron, std::chrono::sys_seconds from, std::size_t count) {
  std::vector<Instant> times;
  if (const auto* const every = std::get_if<Every>(&cron.schedule)) {
    const std::optional<WallTime> start = wall_time(from);
    auto due = start ? next_due_after(*every, *start, *start) : std::nullopt;
    for (; due && times.size() < count; due = next_due_after(*every, *start, *due)) times.emplace_back(*due);
    return times;
  }
  const auto& expression = std::get<CronExpression>(cron.schedule);
  auto due = next_due(expression, from);
  for (; due && times.size() < count; due = next_due(expression, *due)) {
    const int year = civil_time(*due, expression.zone()).year;
    if (year > kLastYear) break;
    if (year >= 0) times.emplace_back(*due);
  }
  return times;
}

}  // namespace taskrun::cli
