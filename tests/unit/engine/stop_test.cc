// A stop, or a removal, that comes between the decision to start and the start: it waits for its record on a disk.

#include <csignal>

#include <doctest/doctest.h>

#include "story.h"

namespace taskrun::engine {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what was not there when the stop came never starts, and its due time is told as skipped") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& policy) {
    policy.retry.attempts = 3;
    policy.on_stop = Hook{ShellText{"x"}, 10s, {}};
  });
  story.holds_back("a");
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\nwithdraw a\n");
  CHECK(story.withdrawn() == "skipped a stopping due 10s\nhook a on_stop\n");
  CHECK(story.exits("a", 0) ==
        "hook finished a on_stop success\n"
        "tally success=0 failure=0 timeout=0 error=0 cancelled=0 skipped=1\nstopped\n");
}

TEST_CASE("what starts all the same may finish") {
  Story story;
  story.add("a", Every{10s});
  story.holds_back("a");
  story.at(10s);
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\nwithdraw a\n");
  CHECK(story.begins_now() == "");
  CHECK(story.exits("a", 0).starts_with("finished a success"));
}

TEST_CASE("what runs is not withdrawn") {
  Story story;
  story.add("a", Every{10s});
  story.at(10s);
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\n");
}

TEST_CASE("a later attempt that never started ends its run") {
  Story story;
  story.add("a", Every{1h},
            [](TaskPolicy& policy) { policy.retry.attempts = 3, policy.retry.delay = 1s, policy.retry.jitter = 0; });
  story.at(1h);
  story.exits("a", 1);
  story.holds_back("a");
  CHECK(story.at(1h + 1s).starts_with("start a 2 retry\n"));
  CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\nwithdraw a\n");
  CHECK(story.withdrawn().starts_with("finished a cancelled by stop"));
}

TEST_CASE("a start that waits when its task is removed never happens, and the task goes") {
  Story story;
  story.add("a", OnRequest{});
  story.holds_back("a");
  story.apply(TriggerTask{story.key("a")});
  CHECK(story.apply(RemoveTask{story.key("a")}) == "withdraw a\n");
  CHECK(story.withdrawn() == "skipped a stopping due 0s\nremoved a\n");
}

TEST_CASE("a stop at once, or one that has waited long enough, ends nothing that never began") {
  for (const bool at_once : {true, false}) {
    CAPTURE(at_once);
    Story story;
    story.add("a", Every{10s}, [](TaskPolicy& policy) { policy.on_failure = Hook{ShellText{"x"}, 10s, {}}; });
    story.holds_back("a");
    story.at(10s);
    if (at_once) {
      CHECK(story.apply(StopRunner{"SIGTERM", true}) == "stopping SIGTERM\nwithdraw a\nkill a\n");
    } else {
      CHECK(story.apply(StopRunner{"SIGTERM"}) == "stopping SIGTERM\nwithdraw a\n");
      CHECK(story.at(1h) == "signal a SIGTERM\n");
    }
    CHECK(story.withdrawn() ==
          "skipped a stopping due 10s\n"
          "tally success=0 failure=0 timeout=0 error=0 cancelled=0 skipped=1\nstopped\n");
  }
}

TEST_CASE("what began in the same moment is ended, and that is told") {
  Story story;
  story.add("a", Every{10s});
  story.holds_back("a");
  story.at(10s);
  story.apply(StopRunner{"SIGTERM", true});
  CHECK(story.begins_now() == "");
  CHECK(story.dies("a", SIGKILL).ends_with("stopped, runs were killed\n"));
}

TEST_CASE("one that is replaced before it began is skipped, and the next one starts") {
  Story story;
  story.add("a", Every{10s}, [](TaskPolicy& policy) { policy.overlap = Overlap::replace; });
  story.holds_back("a");
  CHECK(story.at(10s) == "start a 1 schedule\n");
  CHECK(story.at(20s) == "signal a SIGTERM\n");
  CHECK(story.withdrawn() == "skipped a overlap due 10s\nstart a 1 schedule\n");
  CHECK(story.begins_now() == "");
  CHECK(story.exits("a", 0) == "finished a success next 30s\n");
}

TEST_CASE("the place of one that never began is free") {
  Settings settings;
  settings.max_parallel = 1;
  Story story(settings);
  story.add("a", OnRequest{});
  story.add("b", OnRequest{});
  story.holds_back("a");
  story.apply(TriggerTask{story.key("a")});
  CHECK(story.apply(TriggerTask{story.key("b")}) == "");
  story.apply(RemoveTask{story.key("a"), true});
  CHECK(story.withdrawn() == "skipped a stopping due 0s\nremoved a\nstart b 1 manual\n");
}

TEST_CASE("one that is cancelled by name is cancelled, also when the stop has come") {
  Story story;
  story.add("a", Every{10s});
  story.holds_back("a");
  story.at(10s);
  const RunId run = story.last_run();
  story.apply(StopRunner{"SIGTERM"});
  story.apply(CancelRun{run});
  CHECK(story.withdrawn().starts_with("finished a cancelled by cancel"));
}

TEST_CASE("a due time of the calendar that is withdrawn is answered") {
  Story story;
  const WallTime due = Story::kStart + 10s;
  story.add("a", At({due}));
  story.holds_back("a");
  story.at(10s);
  story.apply(StopRunner{"SIGTERM"});
  story.withdrawn();
  CHECK(story.mark("a").answered >= due);
  CHECK(story.mark("a").owed.empty());
}

}  // namespace
}  // namespace taskrun::engine
