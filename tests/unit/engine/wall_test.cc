// Due times on the wall clock: late, missed, caught up, and what a clock that is set does to them.

#include <doctest/doctest.h>

#include "base/limits.h"
#include "story.h"

using namespace taskrun;
using namespace taskrun::engine;

namespace {

// Due at these moments after the start of the story.
At at_times(std::initializer_list<Nanos> since_start) {
  std::vector<WallTime> times;
  for (const Nanos time : since_start) times.push_back(Story::kStart + time);
  return At(std::move(times));
}

// Due every `period` for a day.
At at_each(Nanos period, Nanos first, std::size_t count) {
  std::vector<WallTime> times;
  for (std::size_t i = 0; i < count; ++i) times.push_back(Story::kStart + first + static_cast<Nanos::rep>(i) * period);
  return At(std::move(times));
}

void latest(TaskPolicy& policy) { policy.catch_up = CatchUp::latest; }
void all(TaskPolicy& policy) { policy.catch_up = CatchUp::all; }

std::vector<WallTime> wall(std::initializer_list<Nanos> since_start) { return at_times(since_start).times(); }

}  // namespace

TEST_CASE("a task is run at each of its times, and then is due no more") {
  Story story;
  CHECK(story.add("a", at_times({10s, 20s})) == "added a 0 next 10s\n");
  CHECK(story.at(9999ms) == "");
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.exits("a", 0) == "finished a success next 20s\n");
  CHECK(story.at(20s) == "start a 1 schedule\n");
  CHECK(story.exits("a", 0) == "finished a success\n");
  CHECK_FALSE(story.engine().next_deadlines(story.now()).wall.has_value());
}

TEST_CASE("the next deadline of the wall clock is the due time itself") {
  Story story;
  story.add("a", at_times({10s}));
  CHECK(story.engine().next_deadlines(story.now()).wall == Story::kStart + 10s);
  CHECK_FALSE(story.engine().next_deadlines(story.now()).wait.has_value());
}

TEST_CASE("times that were over before anybody knew the task are not missed") {
  Story story;
  CHECK(story.add("a", at_times({-10s, 0s})) == "added a 0 next never\n");
  CHECK(story.mark("a") == DueMark{Story::kStart, {}});
}

TEST_CASE("a due time that is noticed a little late still runs, late") {
  Story story;
  story.add("a", at_times({10s}));
  CHECK(story.at(10s + limits::kMissedAfter) == "start a 1 schedule\n");
}

TEST_CASE("of several due times that passed in a stall, the last runs and the others are one line") {
  Story story;
  story.add("a", at_each(1s, 1s, 10));
  CHECK(story.at(5s) == "skipped a missed x4 due 1s\nstart a 1 schedule\n");
}

TEST_CASE("a due time that is noticed too late was missed, and goes by catch_up") {
  const Nanos late = 12s + limits::kMissedAfter;
  Story none;
  none.add("a", at_times({10s, 11s, 1h}));
  CHECK(none.at(late) == "skipped a missed x2 due 10s\n");
  Story last;
  last.add("a", at_times({10s, 11s, 1h}), latest);
  CHECK(last.at(late) == "skipped a missed due 10s\nstart a 1 catch_up\n");
  Story every;
  every.add("a", at_times({10s, 11s, 1h}), all);
  CHECK(every.at(late) == "start a 1 catch_up\n");
  CHECK(every.exits("a", 0) == "finished a success next 1h\nstart a 1 catch_up\n");
  CHECK(every.exits("a", 0) == "finished a success next 1h\n");
}

TEST_CASE("who wants all missed due times gets the newest catch_up_limit of them, oldest first") {
  Story story;
  story.add("a", at_each(1min, 1min, 10), [](TaskPolicy& policy) {
    policy.catch_up = CatchUp::all;
    policy.catch_up_limit = 3;
  });
  CHECK(story.at(1h) == "skipped a missed x7 due 1m\nstart a 1 catch_up\n");
  CHECK(story.mark("a") == DueMark{Story::kStart + 10min, wall({9min, 10min})});
  story.exits("a", 0);
  CHECK(story.mark("a").owed == wall({10min}));
  story.exits("a", 0);
  CHECK(story.exits("a", 0) == "finished a success\n");
  CHECK(story.mark("a").owed.empty());
}

TEST_CASE("what is caught up waits for its place like every run") {
  Settings one_place;
  one_place.max_parallel = 1;
  Story story(one_place);
  story.add("a", at_times({1min, 2min}), all);
  story.add("b", at_times({1min, 2min}), all);
  CHECK(story.at(1h) == "start a 1 catch_up\n");
  CHECK(story.exits("a", 0) == "finished a success\nstart b 1 catch_up\n");
  CHECK(story.exits("b", 0) == "finished b success\nstart a 1 catch_up\n");
}

TEST_CASE("a due time while a missed one is caught up goes by overlap") {
  Story story;
  story.add("a", at_times({1min, 1h}), [](TaskPolicy& policy) {
    policy.catch_up = CatchUp::latest;
    policy.timeout.reset();
  });
  CHECK(story.at(59min) == "start a 1 catch_up\n");
  CHECK(story.at(1h) == "skipped a overlap due 1h\n");
}

TEST_CASE("suspend passes over due times, and is no jump of the clock") {
  Story story;
  story.add("a", at_each(1h, 1h, 24), latest);
  story.add("b", Every{1min});
  story.suspend(8h + 30min);
  const std::string told = story.apply(TimePassed{});
  CHECK(told.find("clock jumped") == std::string::npos);
  CHECK(told.find("skipped a missed x7 due 1h\n") != std::string::npos);
  CHECK(told.find("start a 1 catch_up\n") != std::string::npos);
  CHECK(told.find("start b 1 schedule\n") != std::string::npos);
}

TEST_CASE("a clock that is set forward passes over due times; intervals go on") {
  Story story;
  story.add("a", at_times({1h, 3h}));
  story.add("b", Every{1min});
  story.step_wall(2h);
  CHECK(story.apply(TimePassed{}) == "clock jumped 2h\nskipped a missed due 1h\n");
  CHECK(story.at(1min) == "start b 1 schedule\n");
  story.exits("b", 0);
  CHECK(story.at(1h) == "skipped b missed x58 due 2h2m\nstart a 1 schedule\nstart b 1 schedule\n");
}

TEST_CASE("a clock that is set back does not make a due time come twice") {
  Story story;
  story.add("a", at_times({1h, 3h}));
  CHECK(story.at(1h) == "start a 1 schedule\n");
  story.exits("a", 0);
  story.step_wall(-2h);
  CHECK(story.apply(TimePassed{}) == "clock jumped -2h\n");
  CHECK(story.at(4h) == "");  // shows 2h
  CHECK(story.at(5h) == "start a 1 schedule\n");
}

TEST_CASE("a clock that is one second wrong is a jump, one that is a millisecond wrong is none") {
  Story story;
  story.add("a", at_times({1h}));
  story.step_wall(1ms);
  CHECK(story.apply(TimePassed{}) == "");
  story.step_wall(1s);
  CHECK(story.apply(TimePassed{}) == "clock jumped 1s\n");
  story.step_wall(-1s);
  CHECK(story.apply(TimePassed{}) == "clock jumped -1s\n");
}

TEST_CASE("after a clock that had been wrong by years no task is silent for years") {
  Story story;
  story.add("a", at_each(24h, 1h, 10));
  story.step_wall(-87600h);
  CHECK(story.apply(TimePassed{}) == "clock jumped -3650d\n");
  CHECK(story.mark("a").answered == story.now().wall);
  story.step_wall(87600h);
  story.apply(TimePassed{});
  CHECK(story.at(1h) == "start a 1 schedule\n");
}

TEST_CASE("from 1970 to now is one line for each task") {
  Story story;
  story.step_wall(-Story::kStart.time_since_epoch());
  story.apply(TimePassed{});
  story.add("a", at_each(1min, 0s, 100));
  story.step_wall(Story::kStart.time_since_epoch() + 1h);
  CHECK(story.apply(TimePassed{}).find("\nskipped a missed x60 due 0s\nstart a 1 schedule\n") != std::string::npos);
}

TEST_CASE("what passed while no runner was there goes by catch_up, however short that was") {
  const DueMark mark{Story::kStart - 3s, {}};
  Story none;
  none.knew(mark);
  CHECK(none.add("a", at_times({-3s, -2s, -1s, 1h})) == "added a 0 next 1h\nskipped a missed x2 due -2s\n");
  Story last;
  last.knew(mark);
  CHECK(last.add("a", at_times({-3s, -2s, -1s, 1h}), latest) ==
        "added a 0 next 1h\nskipped a missed due -2s\nstart a 1 catch_up\n");
  Story every;
  every.knew(mark);
  CHECK(every.add("a", at_times({-3s, -2s, -1s, 1h}), all) == "added a 0 next 1h\nstart a 1 catch_up\n");
  CHECK(every.mark("a") == DueMark{Story::kStart - 1s, wall({-1s})});
}

TEST_CASE("a runner that starts exactly at a due time runs it") {
  Story story;
  story.knew({Story::kStart - 10s, {}});
  CHECK(story.add("a", at_times({-1s, 0s})) == "added a 0 next never\nskipped a missed due -1s\nstart a 1 schedule\n");
}

TEST_CASE("what an earlier runner still owed is caught up first") {
  Story story;
  story.knew({Story::kStart - 10s, wall({-30s, -20s})});
  CHECK(story.add("a", at_times({-5s}), all) == "added a 0 next never\nstart a 1 catch_up\n");
  CHECK(story.mark("a") == DueMark{Story::kStart - 5s, wall({-20s, -5s})});
  Story changed_its_mind;
  changed_its_mind.knew({Story::kStart - 10s, wall({-30s, -20s})});
  CHECK(changed_its_mind.add("a", at_times({-5s})) == "added a 0 next never\nskipped a missed x3 due -30s\n");
}

TEST_CASE("a mark from a clock that was wrong is not believed, one a little ahead is") {
  Story wrong;
  wrong.knew({Story::kStart + 240h, {}});
  CHECK(wrong.add("a", at_times({1h})) == "added a 0 next 1h\n");
  Story ahead;
  ahead.knew({Story::kStart + 2h, {}});
  CHECK(ahead.add("a", at_times({1h, 3h})) == "added a 0 next 3h\n");
}

TEST_CASE("a mark that could be read only later tells what had passed when the task was added, before what has since") {
  Story story;
  story.at(1h);
  story.add("a", at_times({10s, 20s, 30s, 2h}), all);
  const auto found = [&](Nanos answered, std::initializer_list<Nanos> owed) {
    return MarkFound{story.key("a"), {Story::kStart + answered, wall(owed)}, Story::kStart + 1h};
  };
  CHECK(story.at(2h) == "start a 1 schedule\n");
  CHECK(story.apply(found(15s, {10s})) == "");
  CHECK(story.mark("a").owed == wall({10s, 20s, 30s}));
  CHECK(story.exits("a", 0) == "finished a success\nstart a 1 catch_up\n");
  CHECK(story.mark("a").owed == wall({20s, 30s}));
  CHECK(story.mark("a").answered == Story::kStart + 2h);

  Story none;
  none.at(1h);
  none.add("a", at_times({10s, 20s, 2h}));
  CHECK(none.apply(MarkFound{none.key("a"), {Story::kStart, {}}, Story::kStart + 1h}) ==
        "skipped a missed x2 due 10s\n");
}

TEST_CASE("a mark that could be read only later is believed as one that was there at once") {
  Story wrong;
  wrong.add("a", at_times({1h}), all);
  CHECK(wrong.apply(MarkFound{wrong.key("a"), {Story::kStart + 240h, wall({239h})}, Story::kStart}) == "");
  CHECK(wrong.mark("a") == DueMark{Story::kStart, {}});
  Story ahead;
  ahead.add("a", at_times({1h, 3h}));
  CHECK(ahead.apply(MarkFound{ahead.key("a"), {Story::kStart + 2h, {}}, Story::kStart}) == "");
  CHECK(ahead.at(2h) == "");
  CHECK(ahead.at(3h) == "start a 1 schedule\n");
}

TEST_CASE("a paused task misses nothing: its due times are recorded as paused") {
  Story story;
  story.add("a", at_times({10s, 11s, 1h}), all);
  story.apply(PauseTask{story.key("a")});
  CHECK(story.at(30min) == "skipped a paused x2 due 10s\n");
  CHECK(story.apply(ResumeTask{story.key("a")}) == "resumed a\n");
  CHECK(story.at(1h) == "start a 1 schedule\n");
}

TEST_CASE("catching up waits while the task is paused") {
  Story story;
  story.add("a", at_times({10s, 20s}), all);
  CHECK(story.at(1h) == "start a 1 catch_up\n");
  story.apply(PauseTask{story.key("a")});
  CHECK(story.exits("a", 0) == "finished a success\n");
  CHECK(story.apply(ResumeTask{story.key("a")}) == "resumed a\nstart a 1 catch_up\n");
}

TEST_CASE("a stop records what was still to be caught up") {
  Story story;
  story.add("a", at_each(1min, 1min, 5), all);
  CHECK(story.at(1h) == "start a 1 catch_up\n");
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\nskipped a stopping x4 due 2m\n");
  CHECK(story.mark("a") == DueMark{Story::kStart + 5min, {}});
}

TEST_CASE("what waits to begin is owed until it has begun") {
  Settings one_place;
  one_place.max_parallel = 1;
  Story story(one_place);
  story.add("a", at_times({10s}));
  story.add("b", at_times({10s}));
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.mark("a").owed.empty());
  CHECK(story.mark("b").owed == wall({10s}));
  CHECK(story.exits("a", 0) == "finished a success\nstart b 1 schedule\n");
  CHECK(story.mark("b").owed.empty());
}

TEST_CASE("a task that is removed is remembered no longer, a disabled one never was") {
  Story story;
  story.add("a", at_times({10s}));
  story.add("b", at_times({10s}), [](TaskPolicy& policy) { policy.enabled = false; });
  CHECK(story.has_mark("a"));
  CHECK_FALSE(story.has_mark("b"));
  CHECK(story.apply(RemoveTask{story.key("a")}) == "removed a\n");
  CHECK_FALSE(story.has_mark("a"));
  CHECK(story.at(10s) == "");
}

TEST_CASE("jitter and start_deadline count from the due time on the wall clock") {
  Story story;
  story.add("a", at_times({10s}), [](TaskPolicy& policy) {
    policy.catch_up = CatchUp::latest;
    policy.start_deadline = 1min;
  });
  CHECK(story.at(1h) == "skipped a late due 10s\n");
  Story spread;
  spread.add("a", at_times({10s}), [](TaskPolicy& policy) { policy.jitter = 5s; });
  CHECK(spread.at(10s) == "");
  CHECK(spread.at(15s) == "start a 1 schedule\n");
}

TEST_CASE("what passed before a request came is answered before it") {
  Story story;
  story.add("a", at_times({10s}));
  story.set_time(10s);
  CHECK(story.apply(StopRunner{"SIGTERM"}) ==
        "stopping SIGTERM\nskipped a stopping due 10s\ntally success=0 failure=0 "
        "timeout=0 error=0 cancelled=0 skipped=1\nstopped\n");
}

TEST_CASE("ten thousand tasks due at one second start in the order in which they were added, none is lost") {
  constexpr int kTasks = 10'000;
  Settings ten_places;
  ten_places.max_parallel = 10;
  Story story(ten_places);
  for (int i = 0; i < kTasks; ++i) story.add(std::to_string(i), at_times({10s}));
  std::string told = story.at(10s);
  for (int i = 0; i < kTasks; ++i) told += story.exits(std::to_string(i), 0);
  std::size_t place = 0;
  for (int i = 0; i < kTasks; ++i) {
    place = told.find("start " + std::to_string(i) + " 1 schedule\n", place);
    REQUIRE(place != std::string::npos);
  }
  CHECK(story.engine().is_idle());
}
