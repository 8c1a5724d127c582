// The engine's rules, told as stories in made-up time.

#include <csignal>
#include <functional>

#include <doctest/doctest.h>

#include "story.h"

using namespace taskrun;
using namespace taskrun::engine;

namespace {

Hook shell_hook(const char* text) { return Hook{ShellText{text}, 10s, {}}; }

Settings with_places(int max_parallel, std::vector<std::pair<std::string, int>> pools = {}) {
  Settings settings;
  settings.max_parallel = max_parallel;
  settings.pools = std::move(pools);
  return settings;
}

}  // namespace

TEST_CASE("an interval is due at start + k times the period") {
  Story story;
  CHECK(story.add("a", Every{10s}) == "added a 0 next 10s\n");
  CHECK(story.at(9999ms) == "");
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.exits("a", 0) == "finished a success next 20s\n");
  CHECK(story.at(20500ms) == "start a 1 schedule\n");
  CHECK(story.at(21s) == "");
  CHECK(story.exits("a", 1) == "finished a failure next 30s\n");
}

TEST_CASE("a fixed delay counts from the end of the last run") {
  Story story;
  CHECK(story.add("a", Delay{10s}) == "added a 0 next 10s\n");
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.at(17s) == "");
  CHECK(story.exits("a", 0) == "finished a success next 27s\n");
  CHECK(story.at(27s) == "start a 1 schedule\n");
}

TEST_CASE("a fixed delay is not due while a run is alive, whatever that was started by") {
  Story story;
  CHECK(story.add("a", Delay{10s}, [](TaskPolicy& p) { p.run_at_start = true, p.timeout = 1h; }) ==
        "added a 0 next never\nstart a 1 start\n");
  CHECK(story.at(25s) == "");
  CHECK(story.exits("a", 0) == "finished a success next 35s\n");
  story.set_time(30s);
  CHECK(story.apply(TriggerTask{story.key("a")}) == "start a 1 manual\n");
  CHECK(story.at(40s) == "");
  CHECK(story.exits("a", 0) == "finished a success next 50s\n");
  CHECK(story.at(50s) == "start a 1 schedule\n");
}

TEST_CASE("a fixed delay goes on after a due time that was skipped") {
  Story story;
  story.add("a", Delay{10s});
  story.apply(PauseTask{story.key("a")});
  CHECK(story.at(10s) == "skipped a paused due 10s\n");
  story.apply(ResumeTask{story.key("a")});
  CHECK(story.at(20s) == "start a 1 schedule\n");
}

TEST_CASE("a fixed delay goes on after its hook outlived the next due time") {
  Story story;
  story.add("a", Delay{1s}, [](TaskPolicy& p) { p.on_success = shell_hook("h"); });
  story.at(1s);
  CHECK(story.exits("a", 0) == "finished a success next 2s\nhook a on_success after success\n");
  CHECK(story.at(2s) == "skipped a overlap due 2s\n");
  CHECK(story.exits("a", 0) == "hook finished a on_success success\n");
  CHECK(story.at(3s) == "start a 1 schedule\n");
}

TEST_CASE("run_at_start gives one extra run") {
  Story story;
  CHECK(story.add("a", Every{1h}, [](TaskPolicy& p) { p.run_at_start = true; }) ==
        "added a 0 next 1h\nstart a 1 start\n");
  CHECK(story.exits("a", 0) == "finished a success next 1h\n");
  CHECK(story.at(1h) == "start a 1 schedule\n");
}

TEST_CASE("a slow machine runs once for many due times and records the others") {
  Story story;
  story.add("a", Every{1s});
  CHECK(story.at(5500ms) == "skipped a missed x4 due 1s\nstart a 1 schedule\n");
  CHECK(story.exits("a", 0) == "finished a success next 6s\n");
}

TEST_CASE("an interval after eight hours of suspend runs once, not 480 times") {
  Story story;
  story.add("a", Every{1min});
  story.suspend(8h);
  CHECK(story.apply(TimePassed{}) == "skipped a missed x479 due 1m\nstart a 1 schedule\n");
}

// The due time of the first run, told by an engine whose wall clock has moved by `off` since the task was added.
WallTime next_due_told(Nanos off) {
  Now now{BootTime(1000h), MonoTime(900h), WallTime(std::chrono::seconds(1'800'000'000))};
  Engine engine({}, now);
  std::vector<Action> actions;
  const auto policy = std::make_shared<TaskPolicy>();
  engine.apply(AddTask{std::make_shared<TaskSpec>(TaskSpec{"a", ShellText{"true"}, Every{10s}, policy}), 1}, now,
               actions);
  now = Now{now.boot + 10s, now.mono + 10s, now.wall + 10s + off};
  actions.clear();
  engine.apply(TimePassed{}, now, actions);
  return std::get<StartAttempt>(actions.back()).run.scheduled_at;
}

TEST_CASE("a due time is the same time whenever it is told, but for a step of the wall clock") {
  const WallTime due(std::chrono::seconds(1'800'000'010));
  CHECK(next_due_told(0s) == due);
  CHECK(next_due_told(3us) == due);
  CHECK(next_due_told(-3us) == due);
  CHECK(next_due_told(1h) == due + 1h);
}

TEST_CASE("a timeout does not charge the time of a suspend") {
  Story story;
  story.add("a", Every{1min}, [](TaskPolicy& p) { p.overlap = Overlap::parallel; });
  story.at(1min);
  story.suspend(30s);
  CHECK(story.apply(TimePassed{}) == "");
}

TEST_CASE("a timeout sends the stop signal, then after the grace SIGKILL") {
  Story story;
  story.add("a", Every{1min}, [](TaskPolicy& p) { p.timeout = 10s, p.grace = 5s, p.stop_signal = SIGINT; });
  story.at(1min);
  CHECK(story.at(69s) == "");
  CHECK(story.at(70s) == "signal a SIGINT\n");
  CHECK(story.at(75s) == "kill a\n");
  CHECK(story.dies("a", SIGKILL) == "finished a timeout by timeout next 2m\n");
}

TEST_CASE("a timeout begins when the process exists, however long its start took") {
  Story story;
  story.add("a", Every{1min}, [](TaskPolicy& p) { p.timeout = 10s; });
  story.slow_starts(2s);
  CHECK(story.at(60s) == "start a 1 schedule\n");
  CHECK(story.at(71s) == "");
  CHECK(story.at(72s) == "signal a SIGTERM\n");
}

TEST_CASE("a run whose process does not exist yet has used none of its time, however long the starts before it take") {
  Story story;
  for (const std::string name : {"a", "b"}) {
    story.add(name, Every{1min}, [](TaskPolicy& p) { p.timeout = std::nullopt; });
  }
  story.add("c", Every{1min}, [](TaskPolicy& p) { p.timeout = 3s; });
  story.slow_starts(2s);
  CHECK(story.at(60s) == "start a 1 schedule\nstart b 1 schedule\nstart c 1 schedule\n");
  CHECK(story.at(68s) == "");
  CHECK(story.at(69s) == "signal c SIGTERM\n");
}

TEST_CASE("a process that obeys the stop signal is still a timeout") {
  Story story;
  story.add("a", Every{1min});
  story.at(1min);
  story.at(70s);
  CHECK(story.exits("a", 0) == "finished a timeout by timeout next 2m\n");
  CHECK(story.at(90s) == "");
}

TEST_CASE("what comes late does not make a timeout of a run that has ended meanwhile, which is told before time is") {
  Story story;
  story.add("a", Every{1min});
  story.at(1min);
  story.set_time(80s);
  CHECK(story.apply(PauseTask{story.key("a")}) == "paused a\n");
  CHECK(story.exits("a", 0) == "finished a success next 2m\n");
}

TEST_CASE("no timeout means no limit") {
  Story story;
  story.add("a", OnRequest{}, [](TaskPolicy& p) { p.timeout = std::nullopt; });
  story.apply(TriggerTask{story.key("a")});
  CHECK(story.engine().next_deadlines(story.now()).wait == std::nullopt);
}

TEST_CASE("overlap skip records each due time while a run is alive") {
  Story story;
  story.add("a", Every{1s});
  CHECK(story.at(1s) == "start a 1 schedule\n");
  CHECK(story.at(2s) == "skipped a overlap due 2s\n");
  CHECK(story.at(3s) == "skipped a overlap due 3s\n");
  story.exits("a", 0);
  CHECK(story.at(4s) == "start a 1 schedule\n");
}

TEST_CASE("overlap queue keeps one due time and starts it when the run has ended") {
  Story story;
  story.add("a", Every{1s}, [](TaskPolicy& p) { p.overlap = Overlap::queue; });
  story.at(1s);
  CHECK(story.at(2s) == "");
  CHECK(story.at(3s) == "skipped a overlap due 3s\n");
  CHECK(story.exits("a", 0) == "finished a success next 4s\nstart a 1 queue\n");
}

TEST_CASE("overlap parallel starts beside the run that is alive") {
  Story story;
  story.add("a", Every{1s}, [](TaskPolicy& p) { p.overlap = Overlap::parallel; });
  CHECK(story.at(1s) == "start a 1 schedule\n");
  CHECK(story.at(2s) == "start a 1 schedule\n");
  CHECK(story.exits("a", 0) == "finished a success next 3s\n");
  CHECK(story.exits("a", 0) == "finished a success next 3s\n");
}

TEST_CASE("overlap replace ends the old run first") {
  Story story;
  story.add("a", Every{1s}, [](TaskPolicy& p) { p.overlap = Overlap::replace; });
  story.at(1s);
  CHECK(story.at(2s) == "signal a SIGTERM\n");
  CHECK(story.at(3s) == "skipped a overlap due 2s\n");
  CHECK(story.dies("a", SIGTERM) == "finished a cancelled by replace next 4s\nstart a 1 schedule\n");
}

TEST_CASE("overlap replace ends a run that waits for its retry") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& p) {
    p.overlap = Overlap::replace, p.retry.attempts = 2, p.retry.delay = 1min, p.retry.jitter = 0;
  });
  story.at(10s);
  CHECK(story.exits("a", 1) == "finished a failure retry 1m next 20s\n");
  CHECK(story.at(20s) == "finished a cancelled by replace next 30s\nstart a 1 schedule\n");
}

TEST_CASE("retries back off, keep the run and end with the last attempt") {
  Story story;
  story.add("a", Every{1h}, [](TaskPolicy& p) { p.retry = {4, 1s, 2, 3s, 0, {Outcome::failure}}; });
  story.at(1h);
  CHECK(story.exits("a", 1) == "finished a failure retry 1s next 2h\n");
  CHECK(story.at(1h + 999ms) == "");
  CHECK(story.at(1h + 1s) == "start a 2 retry\n");
  CHECK(story.exits("a", 1) == "finished a failure retry 2s next 2h\n");
  CHECK(story.at(1h + 3s) == "start a 3 retry\n");
  CHECK(story.exits("a", 1) == "finished a failure retry 3s next 2h\n");
  CHECK(story.at(1h + 6s) == "start a 4 retry\n");
  CHECK(story.exits("a", 1) == "finished a failure next 2h\n");
}

TEST_CASE("a retry follows only the outcomes that it names") {
  Story story;
  story.add("a", Every{1h}, [](TaskPolicy& p) { p.retry.attempts = 3, p.retry.on = {Outcome::timeout}; });
  story.at(1h);
  CHECK(story.exits("a", 1) == "finished a failure next 2h\n");
}

TEST_CASE("a run that waits for its retry is alive for overlap but holds no place") {
  Story story(with_places(1));
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.retry.attempts = 2, p.retry.delay = 1min, p.retry.jitter = 0; });
  story.add("b", Every{15s});
  story.at(10s);
  story.exits("a", 1);
  CHECK(story.at(15s) == "start b 1 schedule\n");
  CHECK(story.at(20s) == "skipped a overlap due 20s\n");
}

TEST_CASE("a run that cannot start is an error, and may be tried again") {
  Story story;
  story.breaks("a");
  story.add("a", Every{1h}, [](TaskPolicy& p) { p.retry.attempts = 2, p.retry.jitter = 0; });
  CHECK(story.at(1h) == "start a 1 schedule\nfinished a error retry 1s next 2h\n");
  CHECK(story.at(1h + 1s) == "start a 2 retry\nfinished a error next 2h\n");
}

TEST_CASE("success_codes decide what success is") {
  Story story;
  story.add("a", Every{1s}, [](TaskPolicy& p) { p.success_codes = {3, 4}; });
  story.at(1s);
  CHECK(story.exits("a", 4) == "finished a success next 2s\n");
  story.at(2s);
  CHECK(story.exits("a", 0) == "finished a failure next 3s\n");
  story.at(3s);
  CHECK(story.dies("a", SIGSEGV) == "finished a failure next 4s\n");
}

TEST_CASE("max_parallel lets due runs wait in order and none is lost") {
  Story story(with_places(2));
  for (const char* name : {"a", "b", "c", "d"}) story.add(name, Every{1h});
  CHECK(story.at(1h) == "start a 1 schedule\nstart b 1 schedule\n");
  CHECK(story.exits("b", 0) == "finished b success next 2h\nstart c 1 schedule\n");
  CHECK(story.exits("c", 0) == "finished c success next 2h\nstart d 1 schedule\n");
}

TEST_CASE("a due time that comes while its task waits for a place is skipped as pool") {
  Story story(with_places(1));
  story.add("a", Every{10s});
  story.add("b", Every{10s}, [](TaskPolicy& p) { p.overlap = Overlap::parallel; });
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.at(20s) == "signal a SIGTERM\nskipped a overlap due 20s\nskipped b pool due 20s\n");
}

TEST_CASE("a full pool holds up only its own tasks") {
  Story story(with_places(8, {{"db", 1}}));
  const auto in_db = [](TaskPolicy& p) { p.pool = "db"; };
  story.add("a", Every{1h}, in_db);
  story.add("b", Every{1h}, in_db);
  story.add("c", Every{1h});
  CHECK(story.at(1h) == "start a 1 schedule\nstart c 1 schedule\n");
  CHECK(story.exits("c", 0) == "finished c success next 2h\n");
  CHECK(story.exits("a", 0) == "finished a success next 2h\nstart b 1 schedule\n");
}

TEST_CASE("a run that could not start before its deadline is skipped as late") {
  Story story(with_places(1));
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.timeout = 1min; });
  story.add("b", Every{10s}, [](TaskPolicy& p) { p.start_deadline = 3s; });
  story.at(10s);
  CHECK(story.at(12999ms) == "");
  CHECK(story.at(13s) == "skipped b late due 10s\n");
  CHECK(story.exits("a", 0) == "finished a success next 20s\n");
}

TEST_CASE("a place that comes free after the deadline starts nothing") {
  Story story(with_places(1));
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.timeout = 1min; });
  story.add("b", Every{10s}, [](TaskPolicy& p) { p.start_deadline = 3s; });
  story.at(10s);
  story.set_time(15s);
  CHECK(story.exits("a", 0) == "finished a success next 20s\nskipped b late due 10s\n");
}

TEST_CASE("jitter puts a start off, the same for the same task and due time") {
  Story one, two;
  const auto jitter = [](TaskPolicy& p) { p.jitter = 10s; };
  for (Story* story : {&one, &two}) {
    story->add("a", Every{1min}, jitter);
    CHECK(story->at(1min) == "");
  }
  CHECK(*one.engine().next_deadlines(one.now()).wait == *two.engine().next_deadlines(two.now()).wait);
  CHECK(one.at(70s) == "start a 1 schedule\n");
}

TEST_CASE("on_failure runs once, after the last attempt") {
  Story story;
  story.add("a", Every{1h}, [](TaskPolicy& p) {
    p.retry.attempts = 2, p.retry.jitter = 0, p.on_failure = shell_hook("f"), p.on_success = shell_hook("s");
  });
  story.at(1h);
  CHECK(story.exits("a", 1) == "finished a failure retry 1s next 2h\n");
  story.at(1h + 1s);
  CHECK(story.exits("a", 1) == "finished a failure next 2h\nhook a on_failure after failure 1\n");
  CHECK(story.exits("a", 0) == "hook finished a on_failure success\n");
}

TEST_CASE("a hook has its own timeout and never changes the outcome") {
  Story story;
  story.add("a", Every{1h}, [](TaskPolicy& p) { p.on_success = shell_hook("s"), p.on_success->timeout = 2s; });
  story.at(1h);
  CHECK(story.exits("a", 0) == "finished a success next 2h\nhook a on_success after success\n");
  CHECK(story.at(1h + 2s) == "signal a SIGTERM\n");
  CHECK(story.at(1h + 7s) == "kill a\n");
  CHECK(story.dies("a", SIGKILL) == "hook finished a on_success timeout by timeout\n");
}

TEST_CASE("a stop lets runs finish, then on_stop follows, and the tally is last") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.on_stop = shell_hook("bye"); });
  story.add("b", Every{1h});
  story.at(10s);
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\n");
  CHECK(story.exits("a", 0) == "finished a success\nhook a on_stop\n");
  CHECK(
      story.exits("a", 0) ==
      "hook finished a on_stop success\ntally success=1 failure=0 timeout=0 error=0 cancelled=0 skipped=0\nstopped\n");
}

TEST_CASE("a stop ends what runs past stop_timeout, with grace") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.timeout = 1h; });
  story.at(10s);
  story.apply(StopRunner{"SIGTERM"});
  CHECK(story.at(20s) == "signal a SIGTERM\n");
  CHECK(story.at(25s) == "kill a\n");
  CHECK(story.dies("a", SIGKILL) ==
        "finished a cancelled by stop\n"
        "tally success=0 failure=0 timeout=0 error=0 cancelled=1 skipped=0\nstopped, runs were killed\n");
}

TEST_CASE("during a stop a hook has its timeout and no grace, so that the stop has a bound") {
  Story story;
  story.add("a", Every{1h}, [](TaskPolicy& p) { p.on_success = shell_hook("h"), p.on_stop = shell_hook("bye"); });
  story.at(1h);
  story.exits("a", 0);
  CHECK(story.at(1h + 10s) == "signal a SIGTERM\n");
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\nkill a\n");
  CHECK(story.dies("a", SIGKILL) == "hook finished a on_success timeout by timeout\nhook a on_stop\n");
  CHECK(story.at(1h + 20s) == "kill a\n");
}

TEST_CASE("a second stop skips the waiting and the grace, further ones change nothing") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.timeout = 1h; });
  story.at(10s);
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\n");
  CHECK(story.apply(StopRunner{"SIGTERM", true}) == "kill a\n");
  CHECK(story.apply(StopRunner{"SIGTERM", true}) == "");
}

TEST_CASE("after its last event a stopped runner tells nothing, whatever is asked") {
  Story story;
  story.add("a", Every{10s});
  const TaskKey a = story.key("a");
  CHECK(story.apply(StopRunner{"SIGTERM"}).ends_with("stopped\n"));
  CHECK(story.apply(PauseTask{a, 1}) == "refused stopping\n");
  CHECK(story.apply(ResumeTask{a, 1}) == "refused stopping\n");
  CHECK(story.apply(TriggerTask{a, 1}) == "refused stopping\n");
  CHECK(story.apply(CancelRun{RunId{}, 1}) == "refused unknown_run\n");
  CHECK(story.apply(RemoveTask{a, true, 1}) == "");
  CHECK(story.apply(RunDied{"a", RunId{}}) == "");
  CHECK(story.apply(StopRunner{"SIGTERM", true}) == "");
  CHECK(story.at(1h) == "");
}

TEST_CASE("a stop records what was due and had not begun, and ends the wait for a retry") {
  Story story(with_places(1));
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.retry.attempts = 2, p.retry.delay = 1h, p.retry.jitter = 0; });
  story.add("b", Every{11s}, [](TaskPolicy& p) { p.timeout = 1h; });
  story.add("c", Every{12s});
  story.at(10s);
  story.exits("a", 1);
  story.at(11s);
  story.at(12s);
  CHECK(story.apply(StopRunner{"SIGTERM"}) ==
        "stopping SIGTERM\nfinished a cancelled by stop\nskipped c stopping due 12s\n");
}

TEST_CASE("an attempt that fails during a stop is the last") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& p) { p.retry.attempts = 5; });
  story.at(10s);
  story.apply(StopRunner{"SIGTERM"});
  CHECK(story.exits("a", 1).starts_with("finished a failure\ntally"));
}

TEST_CASE("ids are recycled, the oldest free one first") {
  Story story;
  for (const char* name : {"a", "b", "c"}) story.add(name, OnRequest{});
  CHECK(story.apply(RemoveTask{story.key("c")}) == "removed c\n");
  CHECK(story.apply(RemoveTask{story.key("a")}) == "removed a\n");
  CHECK(story.add("d", OnRequest{}) == "added d 2 next never\n");
  CHECK(story.add("e", OnRequest{}) == "added e 0 next never\n");
  CHECK(story.add("f", OnRequest{}) == "added f 3 next never\n");
}

TEST_CASE("a message for a removed task touches no successor") {
  Story story;
  story.add("a", Every{1s});
  const TaskKey old = story.key("a");
  story.at(1s);
  story.apply(RemoveTask{old, true});
  CHECK(story.dies("a", SIGTERM) == "finished a cancelled by stop\nremoved a\n");
  CHECK(story.add("a", Every{1s}) == "added a 0 next 2s\n");
  CHECK(story.apply(PauseTask{old, 7}) == "refused unknown_task\n");
  CHECK(story.apply(RemoveTask{old, true}) == "");
  CHECK(story.apply(AttemptEnded{story.last_ended(), {}}) == "");
  CHECK(story.at(2s) == "start a 1 schedule\n");
}

TEST_CASE("remove lets the run finish, then runs on_stop, then frees the name") {
  Story story;
  story.add("a", Every{1s}, [](TaskPolicy& p) { p.on_stop = shell_hook("bye"), p.timeout = 1min; });
  story.at(1s);
  CHECK(story.apply(RemoveTask{story.key("a")}) == "");
  CHECK(story.at(5s) == "");
  CHECK(story.add("a", Every{1s}) == "refused name_taken\n");
  CHECK(story.exits("a", 0) == "finished a success\nhook a on_stop\n");
  CHECK(story.apply(RemoveTask{story.key("a"), true}) == "");
  CHECK(story.exits("a", 0) == "hook finished a on_stop success\nremoved a\n");
}

TEST_CASE("a stop while a task is being removed waits for both") {
  Story story;
  story.add("a", OnRequest{}, [](TaskPolicy& p) { p.on_stop = shell_hook("bye"); });
  CHECK(story.apply(RemoveTask{story.key("a")}) == "hook a on_stop\n");
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\n");
  CHECK(story.exits("a", 0).ends_with(
      "removed a\ntally success=0 failure=0 timeout=0 error=0 cancelled=0 skipped=0\nstopped\n"));
}

TEST_CASE("the variables of a trigger are those of its run, over its retries, and of no other") {
  const Variables env{{"DAY", "monday"}};
  const auto shared = std::make_shared<const Variables>(env);
  Story story;
  story.add("a", OnRequest{}, [](TaskPolicy& p) {
    p.overlap = Overlap::queue;
    p.retry.attempts = 2;
    p.retry.jitter = 0;
  });
  story.apply(TriggerTask{story.key("a"), 5});
  CHECK(story.last_env().empty());
  story.apply(TriggerTask{story.key("a"), 6, shared});
  story.exits("a", 0);
  CHECK(story.last_env() == env);
  story.exits("a", 1);
  story.set_time(1min);
  CHECK(story.apply(TimePassed{}) == "start a 2 retry\n");
  CHECK(story.last_env() == env);
  story.exits("a", 0);
  story.apply(TriggerTask{story.key("a"), 7});
  CHECK(story.last_env().empty());
}

TEST_CASE("a trigger answers with what would stop it") {
  Story story;
  story.add("a", OnRequest{}, [](TaskPolicy& p) { p.enabled = true; });
  story.add("off", OnRequest{}, [](TaskPolicy& p) { p.enabled = false; });
  CHECK(story.apply(TriggerTask{story.key("a"), 5}) == "start a 1 manual\n");
  CHECK(story.apply(TriggerTask{story.key("a"), 5}) == "skipped a overlap due 0s\nrefused overlap\n");
  CHECK(story.apply(TriggerTask{story.key("off"), 5}) == "skipped off disabled due 0s\nrefused disabled\n");
  story.apply(PauseTask{story.key("a")});
  story.exits("a", 0);
  CHECK(story.apply(TriggerTask{story.key("a"), 5}) == "skipped a paused due 0s\nrefused paused\n");
}

TEST_CASE("a paused task records its due times and keeps its phase") {
  Story story;
  story.add("a", Every{10s});
  CHECK(story.apply(PauseTask{story.key("a")}) == "paused a\n");
  CHECK(story.apply(PauseTask{story.key("a")}) == "");
  CHECK(story.at(10s) == "skipped a paused due 10s\n");
  CHECK(story.apply(ResumeTask{story.key("a")}) == "resumed a\n");
  CHECK(story.at(20s) == "start a 1 schedule\n");
}

TEST_CASE("cancel ends a run and says so") {
  Story story;
  story.add("a", OnRequest{}, [](TaskPolicy& p) { p.retry.attempts = 3, p.on_failure = shell_hook("f"); });
  story.apply(TriggerTask{story.key("a")});
  CHECK(story.apply(CancelRun{story.last_run(), 1}) == "signal a SIGTERM\n");
  CHECK(story.dies("a", SIGTERM) == "finished a cancelled by cancel\nhook a on_failure after cancelled\n");
  story.exits("a", 0);
  CHECK(story.apply(CancelRun{story.last_run(), 1}) == "refused unknown_run\n");
}

TEST_CASE("cancel ends the wait for a retry, and the hook waits for a place like a run") {
  Story story(with_places(1));
  story.add("a", OnRequest{}, [](TaskPolicy& p) { p.retry.attempts = 3, p.on_failure = shell_hook("f"); });
  story.add("b", OnRequest{});
  story.apply(TriggerTask{story.key("a")});
  const RunId run = story.last_run();
  story.exits("a", 1);
  CHECK(story.apply(TriggerTask{story.key("b")}) == "start b 1 manual\n");
  CHECK(story.apply(CancelRun{run}) == "finished a cancelled by cancel\n");
  CHECK(story.exits("b", 0) == "finished b success\nhook a on_failure after cancelled\n");
}

TEST_CASE("survivors of a kill are told before the run's final line") {
  Story story;
  story.add("a", OnRequest{});
  story.apply(TriggerTask{story.key("a")});
  AttemptReport report;
  report.exit.exit_code = 0;
  report.survivors = {11, 12};
  CHECK(story.ends("a", report) == "containment failed 2\nfinished a success\n");
}

TEST_CASE("a disabled task is listed but never due, and has no on_stop") {
  Story story;
  CHECK(story.add("a", Every{1s}, [](TaskPolicy& p) { p.enabled = false, p.on_stop = shell_hook("x"); }) ==
        "added a 0 next never\n");
  CHECK(story.at(1min) == "");
  CHECK(story.apply(StopRunner{"SIGTERM"}).ends_with("stopped\n"));
}

TEST_CASE("a run whose due time was answered before is not tried again") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& policy) { policy.retry.attempts = 3; });
  story.at(10s);
  AttemptReport report;
  report.start_failure = StartFailure{"answered before", StartFailure::Kind::refused};
  CHECK(story.ends("a", report) == "finished a error next 20s\n");
}

TEST_CASE("a run that is cancelled before its process could start is cancelled, not an error, and not tried again") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& policy) { policy.retry.attempts = 3; });
  story.at(10s);
  CHECK(story.apply(CancelRun{story.last_run()}) == "signal a SIGTERM\n");
  AttemptReport report;
  report.start_failure = StartFailure{"ended before it could start", StartFailure::Kind::withdrawn};
  CHECK(story.ends("a", report) == "finished a cancelled by cancel next 20s\n");
}

TEST_CASE("a run that died with an earlier runner is told and counted, its task being there or not") {
  Story story;
  story.add("a", Every{10s});
  CHECK(story.apply(RunDied{"a", {}, 2, Trigger::retry, Story::kStart, Story::kStart}) == "finished a error\n");
  CHECK(story.apply(RunDied{"gone", {}, 1, Trigger::schedule, Story::kStart, Story::kStart}) ==
        "finished gone error\n");
  CHECK(story.apply(StopRunner{"SIGTERM"})
            .ends_with("tally success=0 failure=0 timeout=0 error=2 cancelled=0 skipped=0\nstopped\n"));
}

TEST_CASE("nothing is added during a stop") {
  Story story;
  story.add("a", OnRequest{}, [](TaskPolicy& p) { p.timeout = 1h; });
  story.apply(TriggerTask{story.key("a")});
  story.apply(StopRunner{"SIGTERM"});
  CHECK(story.add("b", OnRequest{}) == "refused stopping\n");
}
