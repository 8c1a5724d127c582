// What it costs the engine that somebody sets the wall clock while it holds many cron tasks: the milliseconds that a
// step takes until the engine has answered it, two hours forward (every task has missed two due times), two hours back
// (none is due again) and a year back (every mark is put back).
//
//   clock_step TASKS

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "schedule/cron.h"

namespace {

using namespace std::chrono_literals;
using taskrun::Now;
using taskrun::WallTime;
namespace engine = taskrun::engine;

constexpr WallTime kStart{std::chrono::seconds(1'770'000'000)};

taskrun::TaskSpecPtr hourly(int number, const std::shared_ptr<const taskrun::TaskPolicy>& policy) {
  const std::string text = std::to_string(number % 60) + " * * * *";
  const auto parsed = taskrun::parse_cron(text, taskrun::find_zone("Europe/Berlin").value()).value();
  taskrun::Schedule schedule = taskrun::Cron(std::get<taskrun::CronExpression>(parsed.schedule));
  return std::make_shared<taskrun::TaskSpec>(
      taskrun::TaskSpec{"task-" + std::to_string(number), taskrun::ShellText{"true"}, std::move(schedule), policy});
}

// The clock is set by `step`, and a millisecond later the engine is told that time has passed.
void measure(engine::Engine& engine, Now& now, const char* name, taskrun::Nanos step) {
  now = Now{now.boot + 1ms, now.mono + 1ms, now.wall + 1ms + step};
  std::vector<engine::Action> actions;
  const auto begin = std::chrono::steady_clock::now();
  engine.apply(engine::TimePassed{}, now, actions);
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  std::printf("%s\t%.3f\t%zu\n", name, spent.count(), actions.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: clock_step TASKS\n", stderr);
    return 2;
  }
  Now now{taskrun::BootTime(1h), taskrun::MonoTime(1h), kStart};
  engine::Engine engine({}, now);
  const auto policy = std::make_shared<const taskrun::TaskPolicy>();
  std::vector<engine::Action> actions;
  for (int i = 0; i < std::atoi(argv[1]); ++i) engine.apply(engine::AddTask{hourly(i, policy)}, now, actions);
  measure(engine, now, "2 h forward", 2h);
  measure(engine, now, "2 h back", -2h);
  measure(engine, now, "a year back", -8760h);
}
