#include <doctest/doctest.h>

#include "model/event.h"

namespace taskrun {
namespace {

template <class... Values>
std::string words(Values... values) {
  std::string out;
  ((out += std::string(to_word(values)) + ' '), ...);
  return out;
}

TEST_CASE("Words stand on the wire as the documents spell them") {
  CHECK(words(Outcome::success, Outcome::failure, Outcome::timeout, Outcome::error, Outcome::cancelled) ==
        "success failure timeout error cancelled ");
  CHECK(words(KilledBy::timeout, KilledBy::cancel, KilledBy::replace, KilledBy::stop, KilledBy::oom) ==
        "timeout cancel replace stop oom ");
  CHECK(words(Trigger::schedule, Trigger::start, Trigger::manual, Trigger::retry, Trigger::catch_up, Trigger::queue) ==
        "schedule start manual retry catch_up queue ");
  CHECK(words(SkipReason::overlap, SkipReason::paused, SkipReason::pool, SkipReason::missed, SkipReason::late,
              SkipReason::disabled, SkipReason::stopping) == "overlap paused pool missed late disabled stopping ");
  CHECK(words(Overlap::skip, Overlap::queue, Overlap::parallel, Overlap::replace) == "skip queue parallel replace ");
  CHECK(words(Leftovers::kill, Leftovers::wait, Leftovers::leave) == "kill wait leave ");
  CHECK(words(CatchUp::none, CatchUp::latest, CatchUp::all) == "none latest all ");
  CHECK(words(OutputMode::tail, OutputMode::lines, OutputMode::raw, OutputMode::none) == "tail lines raw none ");
  CHECK(words(HookKind::on_success, HookKind::on_failure, HookKind::on_stop) == "on_success on_failure on_stop ");
  CHECK(words(Level::info, Level::warn, Level::error) == "info warn error ");
}

TEST_CASE("Every event has its own name") {
  CHECK(event_name(RunnerStarted{}) == "runner_started");
  CHECK(event_name(RunnerStopping{}) == "runner_stopping");
  CHECK(event_name(RunnerStopped{}) == "runner_stopped");
  CHECK(event_name(ManifestReloaded{}) == "manifest_reloaded");
  CHECK(event_name(ManifestRejected{}) == "manifest_rejected");
  CHECK(event_name(TaskAdded{}) == "task_added");
  CHECK(event_name(TaskRemoved{}) == "task_removed");
  CHECK(event_name(TaskPaused{}) == "task_paused");
  CHECK(event_name(TaskResumed{}) == "task_resumed");
  CHECK(event_name(RunStarted{}) == "run_started");
  CHECK(event_name(RunOutput{}) == "run_output");
  CHECK(event_name(RunFinished{}) == "run_finished");
  CHECK(event_name(RunSkipped{}) == "run_skipped");
  CHECK(event_name(HookFinished{}) == "hook_finished");
  CHECK(event_name(KillSent{}) == "kill_sent");
  CHECK(event_name(ContainmentFailed{}) == "containment_failed");
  CHECK(event_name(ClockJumped{}) == "clock_jumped");
  CHECK(event_name(EventsDropped{}) == "events_dropped");
  CHECK(event_name(HistoryDegraded{}) == "history_degraded");
  CHECK(event_name(HistoryRestored{}) == "history_restored");
}

}  // namespace
}  // namespace taskrun
