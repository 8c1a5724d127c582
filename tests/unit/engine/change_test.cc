// New definitions for tasks that are there: what keeps its phase, what begins anew, and what runs.

#include <doctest/doctest.h>

#include "story.h"

using namespace taskrun;
using namespace taskrun::engine;

namespace {

constexpr auto plain = [](TaskPolicy&) {};

TaskSpecPtr define(const std::string& name, Schedule schedule, const Story::Shape& shape = plain) {
  auto policy = std::make_shared<TaskPolicy>();
  shape(*policy);
  return std::make_shared<TaskSpec>(TaskSpec{name, ShellText{"new"}, std::move(schedule), policy});
}

std::string change(Story& story, const std::string& name, Schedule schedule, const Story::Shape& shape = plain) {
  return story.apply(ChangeTask{story.key(name), define(name, std::move(schedule), shape)});
}

std::optional<Nanos> next_run(Story& story, const std::string& name) {
  const auto next = story.engine().next_run_at(*story.engine().tasks().find(name));
  return next ? std::optional(*next - Story::kStart) : std::nullopt;
}

At at_times(std::initializer_list<Nanos> since_start) {
  std::vector<WallTime> times;
  for (const Nanos time : since_start) times.push_back(Story::kStart + time);
  return At(std::move(times));
}

}  // namespace

TEST_CASE("a schedule that stays the same keeps its phase, and the next run has the new definition") {
  Story story;
  story.add("a", Every{10s});
  story.set_time(4s);
  CHECK(change(story, "a", Every{10s}) == "");
  CHECK(next_run(story, "a") == 10s);
  CHECK(std::get<ShellText>(story.engine().tasks().find("a")->spec->what).text == "new");
  CHECK(story.at(10s) == "start a 1 schedule\n");
}

TEST_CASE("a schedule that is another one begins anew") {
  Story story;
  story.add("a", Every{10s});
  story.set_time(4s);
  CHECK(change(story, "a", Every{7s}) == "");
  CHECK(next_run(story, "a") == 11s);
  change(story, "a", OnRequest{});
  CHECK_FALSE(next_run(story, "a"));
  CHECK(story.at(100s) == "");
  change(story, "a", at_times({99s, 120s}));
  CHECK(next_run(story, "a") == 120s);
  CHECK(story.at(120s) == "start a 1 schedule\n");
}

TEST_CASE("what was due before a change is answered before it") {
  Story story;
  story.add("a", Every{10s});
  story.set_time(10s);
  CHECK(change(story, "a", Every{7s}) == "start a 1 schedule\n");
  CHECK(next_run(story, "a") == 17s);
}

TEST_CASE("a run keeps the definition it began with, until after its hook") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& policy) {
    policy.timeout = 3s;
    policy.retry = {2, 1s, 1, 1s, 0, {Outcome::timeout}};
  });
  story.at(10s);
  change(story, "a", Every{10s}, [](TaskPolicy& policy) { policy.timeout = 1h; });
  CHECK(story.at(13s) == "signal a SIGTERM\n");
  CHECK(story.dies("a", 15) == "finished a timeout by timeout retry 1s next 20s\n");
  CHECK(story.at(14s) == "start a 2 retry\n");
  CHECK(story.exits("a", 0) == "finished a success next 20s\n");
  CHECK(story.at(20s) == "start a 1 schedule\n");
  CHECK(story.at(29s) == "");
}

TEST_CASE("a fixed delay that is another one counts from the end of the run that is alive") {
  Story story;
  story.add("a", Delay{10s});
  story.at(10s);
  change(story, "a", Delay{3s});
  CHECK_FALSE(next_run(story, "a"));
  story.set_time(12s);
  CHECK(story.exits("a", 0) == "finished a success next 15s\n");
  story.set_time(13s);
  change(story, "a", Delay{5s});
  CHECK(next_run(story, "a") == 18s);
}

TEST_CASE("a task that is switched off is due no more, and one that is switched on begins anew") {
  Story story;
  story.add("a", Every{10s});
  const auto off = [](TaskPolicy& policy) { policy.enabled = false; };
  CHECK(change(story, "a", Every{10s}, off) == "");
  CHECK(story.at(50s) == "");
  story.set_time(53s);
  CHECK(change(story, "a", Every{10s}) == "");
  CHECK(next_run(story, "a") == 63s);
}

TEST_CASE("missed times that are still owed are recorded when the schedule goes") {
  Story story;
  story.knew({Story::kStart - 100s, {}});
  const auto all = [](TaskPolicy& policy) { policy.catch_up = CatchUp::all; };
  CHECK(story.add("a", at_times({-30s, -20s, -10s, 60s}), all) == "added a 0 next 1m\nstart a 1 catch_up\n");
  CHECK(change(story, "a", Every{20s}, all) == "skipped a missed x2 due -20s\n");
  CHECK_FALSE(story.has_mark("a"));
  CHECK(story.exits("a", 0) == "finished a success next 20s\n");
  CHECK_FALSE(story.has_mark("a"));
}

TEST_CASE("missed times that are still owed are recorded when another schedule of the wall clock comes") {
  Story story;
  story.knew({Story::kStart - 100s, {}});
  const auto all = [](TaskPolicy& policy) { policy.catch_up = CatchUp::all; };
  story.add("a", at_times({-30s, -20s, -10s, 60s}), all);
  CHECK(change(story, "a", at_times({90s}), all) == "skipped a missed x2 due -20s\n");
  CHECK(story.mark("a") == DueMark{Story::kStart, {}});
  CHECK(story.exits("a", 0) == "finished a success next 1m30s\n");
}

TEST_CASE("a change of the wall-clock schedule moves its mark to the present") {
  Story story;
  story.add("a", at_times({10s, 60s}));
  story.at(12s);
  story.exits("a", 0);
  story.set_time(20s);
  change(story, "a", at_times({15s, 60s, 90s}));
  CHECK(story.mark("a") == DueMark{Story::kStart + 20s, {}});
  CHECK(next_run(story, "a") == 60s);
}

TEST_CASE("what was answered before the clock was set back is not due once more with another schedule") {
  Story story;
  story.add("a", at_times({10s, 60s}));
  story.at(12s);
  story.exits("a", 0);
  story.step_wall(-8s);
  change(story, "a", at_times({10s, 60s, 90s}));
  CHECK(story.mark("a") == DueMark{Story::kStart + 10s, {}});
  CHECK(story.at(20s) == "");
}

TEST_CASE("a mark made while the clock was far wrong does not silence a schedule that comes back") {
  Story story;
  story.add("a", at_times({10s}));
  story.at(12s);
  story.exits("a", 0);
  change(story, "a", Every{100h});
  story.step_wall(-1000h);
  story.apply(TimePassed{});
  story.step_wall(990h);
  change(story, "a", at_times({10s - 9h}));
  CHECK(next_run(story, "a") == 10s - 9h);
}

TEST_CASE("a pause outlives a change") {
  Story story;
  story.add("a", Every{10s});
  story.apply(PauseTask{story.key("a")});
  change(story, "a", Every{5s});
  CHECK(story.at(5s) == "skipped a paused due 5s\n");
}

TEST_CASE("a task that goes is not changed, nor any during a stop, nor the successor of a key") {
  Story story;
  story.add("a", Every{10s});
  const TaskKey old = story.key("a");
  story.at(10s);
  story.apply(RemoveTask{old});
  change(story, "a", Every{1s});
  CHECK(story.exits("a", 0) == "finished a success\nremoved a\n");
  story.add("a", Every{10s});
  story.apply(ChangeTask{old, define("a", Every{1s})});
  CHECK(next_run(story, "a") == 20s);
  story.at(20s);
  story.apply(StopRunner{"test"});
  change(story, "a", Every{1s});
  CHECK_FALSE(next_run(story, "a"));
}

TEST_CASE("a name is found by the new definition when the old one is gone") {
  Story story;
  story.add("a", Every{10s});
  story.at(10s);
  story.exits("a", 0);
  for (int i = 0; i < 3; ++i) change(story, "a", Every{10s});
  CHECK(story.engine().tasks().find("a") != nullptr);
  CHECK(story.engine().tasks().size() == 1);
}

TEST_CASE("more places start what waits, fewer end nothing, and a longer stop_timeout holds") {
  Story story(Settings{1, {{"db", 1}}, 10s, 0});
  const auto in_pool = [](TaskPolicy& policy) {
    policy.pool = "db";
    policy.timeout = std::nullopt;
  };
  for (const char* name : {"a", "b", "c"}) story.add(name, Every{10s}, in_pool);
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.apply(ChangeSettings{{2, {{"db", 3}}, 30s, 0}}) == "start b 1 schedule\n");
  CHECK(story.apply(ChangeSettings{{1, {{"db", 3}}, 30s, 0}}) == "");
  CHECK(story.exits("a", 0) == "finished a success next 20s\n");
  CHECK(story.exits("b", 0) == "finished b success next 20s\nstart c 1 schedule\n");
  story.apply(StopRunner{"test"});
  CHECK(story.at(25s) == "");
  CHECK(story.at(40s) == "signal c SIGTERM\n");
}

TEST_CASE("a run that waits for its retry comes back to the pool as that is then") {
  Story story(Settings{10, {{"db", 1}}, 10s, 0});
  const auto retried = [](TaskPolicy& policy) {
    policy.pool = "db";
    policy.retry = {2, 5s, 1, 5s, 0, {Outcome::failure}};
  };
  story.add("a", Every{10s}, retried);
  story.at(10s);
  story.exits("a", 1);
  story.apply(ChangeSettings{{10, {{"net", 1}, {"db", 1}}, 10s, 0}});
  story.add("b", OnRequest{}, [](TaskPolicy& policy) { policy.pool = "net"; });
  CHECK(story.apply(TriggerTask{story.key("b"), 1}) == "start b 1 manual\n");
  CHECK(story.at(15s) == "start a 2 retry\n");
}
