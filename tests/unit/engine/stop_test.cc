// A stop, or a removal, that comes between the decision to start and the start: it waits for its record on a disk.

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

TEST_CASE("a stop at once ends also what waits") {
  Story story;
  story.add("a", Every{10s});
  story.holds_back("a");
  story.at(10s);
  CHECK(story.apply(StopRunner{"SIGTERM", true}) == "stopping SIGTERM\nwithdraw a\nkill a\n");
  CHECK(story.withdrawn().starts_with("finished a cancelled by stop"));
}

}  // namespace
}  // namespace taskrun::engine
