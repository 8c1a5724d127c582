// What waits for the history: its order, its bound, and what is said of what did not fit.

#include "daemon/backlog.h"

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::daemon;

namespace {

constexpr WallTime kNow = WallTime(std::chrono::hours(500'000));

RunRef run(std::uint8_t number) {
  static const auto spec =
      std::make_shared<TaskSpec>(TaskSpec{"a", ShellText{"x"}, OnRequest{}, std::make_shared<TaskPolicy>()});
  return {{spec, 1}, {{number}}, 1, Trigger::schedule, kNow};
}

report::HistoryRecord claim(std::uint8_t number) { return report::RunClaimed{run(number), kNow}; }

report::HistoryRecord skip(std::uint8_t number) {
  return report::DueTimeSkipped{RunSkipped{run(number), SkipReason::overlap, 1, {}}, kNow};
}

report::HistoryRecord end(std::uint8_t number, bool is_final = true) {
  RunFinished finished{run(number), kNow};
  finished.is_final = is_final;
  finished.report.stdout_tail = std::string(1000, 'x');
  return finished;
}

report::HistoryRecord mark(int second) {
  return report::DueTimesKept{"a", DueMark{kNow + std::chrono::seconds(second), {}}};
}

// "claim 1, end 1, mark +3s, 2 lost"
std::string tell(const Backlog::Batch& batch) {
  std::string text;
  for (const report::HistoryRecord& record : batch.records) {
    if (!text.empty()) text += ", ";
    if (const auto* claimed = std::get_if<report::RunClaimed>(&record)) {
      text += "claim " + std::to_string(claimed->run.id.bytes[0]);
    } else if (const auto* finished = std::get_if<RunFinished>(&record)) {
      text += (finished->is_final ? "end " : "attempt ") + std::to_string(finished->run.id.bytes[0]);
    } else if (const auto* skipped = std::get_if<report::DueTimeSkipped>(&record)) {
      text += "skip " + std::to_string(skipped->skipped.run.id.bytes[0]);
    } else if (const auto* kept = std::get_if<report::DueTimesKept>(&record)) {
      text += "mark +" + std::to_string((kept->mark->answered - kNow) / std::chrono::seconds(1)) + "s";
    } else if (const auto* lost = std::get_if<report::RecordsLost>(&record)) {
      text += std::to_string(lost->count) + " lost";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("what was added comes out in its order, under the ticket of the last, and once") {
  Backlog backlog;
  CHECK(backlog.is_empty());
  CHECK(backlog.add({claim(1), skip(2)}, kNow, true) == 1);
  CHECK(backlog.add({end(1)}, kNow, true) == 2);
  CHECK_FALSE(backlog.is_empty());
  const Backlog::Batch batch = backlog.take();
  CHECK(tell(batch) == "claim 1, skip 2, end 1");
  CHECK(batch.until == 2);
  CHECK(backlog.is_empty());
  CHECK(backlog.take().records.empty());
}

TEST_CASE("an empty addition is one to be answered, too") {
  Backlog backlog;
  CHECK(backlog.add({}, kNow, true) == 1);
  CHECK_FALSE(backlog.is_empty());
  CHECK(backlog.take().until == 1);
}

TEST_CASE("of the marks of a task the last one counts, also over what could not be written") {
  Backlog backlog;
  backlog.add({mark(1), mark(2)}, kNow, true);
  Backlog::Batch failed = backlog.take();
  CHECK(tell(failed) == "mark +2s");
  backlog.add({mark(3)}, kNow, true);
  backlog.put_back(std::move(failed));
  CHECK(tell(backlog.take()) == "mark +3s");
}

TEST_CASE("what could not be written stands before what came since") {
  Backlog backlog;
  backlog.add({claim(1)}, kNow, true);
  Backlog::Batch failed = backlog.take();
  backlog.add({end(1), claim(2)}, kNow, true);
  backlog.put_back(std::move(failed));
  CHECK_FALSE(backlog.is_empty());
  const Backlog::Batch again = backlog.take();
  CHECK(tell(again) == "claim 1, end 1, claim 2");
  CHECK(again.until == 2);
}

TEST_CASE(
    "beyond the limit runs, attempts and skips are counted as lost, but never the end of a run that is recorded") {
  Backlog backlog(Bytes{1});
  backlog.add({claim(1)}, kNow, true);
  backlog.add({claim(2), skip(3)}, kNow + std::chrono::seconds(1), true);
  backlog.add({end(2), end(1, false), end(1)}, kNow + std::chrono::seconds(2), true);
  const Backlog::Batch batch = backlog.take();
  CHECK(tell(batch) == "claim 1, end 1, 3 lost");
  const auto& lost = std::get<report::RecordsLost>(batch.records.back());
  CHECK(lost.from == kNow + std::chrono::seconds(1));
  CHECK(lost.until == kNow + std::chrono::seconds(2));
}

TEST_CASE("a skip that ends a claim is kept as an end is, and goes with a claim that was lost") {
  const auto withdrawn = [](std::uint8_t number) {
    return report::DueTimeSkipped{RunSkipped{run(number), SkipReason::stopping, 1, {}}, kNow, true};
  };
  Backlog backlog(Bytes{1});
  backlog.add({claim(1)}, kNow, false);
  backlog.add({claim(2), withdrawn(1), withdrawn(2)}, kNow, true);
  CHECK(tell(backlog.take()) == "claim 1, skip 1, 2 lost");
}

TEST_CASE("what was lost before and after a failure is one gap") {
  Backlog backlog(Bytes{1});
  backlog.add({claim(1), skip(2)}, kNow, true);
  Backlog::Batch failed = backlog.take();
  backlog.add({claim(3), skip(4)}, kNow + std::chrono::seconds(9), true);
  backlog.put_back(std::move(failed));
  const Backlog::Batch batch = backlog.take();
  CHECK(tell(batch) == "claim 1, 3 lost");
  const auto& lost = std::get<report::RecordsLost>(batch.records.back());
  CHECK(lost.from == kNow);
  CHECK(lost.until == kNow + std::chrono::seconds(9));
}

TEST_CASE("what could not be written counts while it is tried, or each attempt would let as much in again") {
  Backlog backlog(Bytes{1});
  backlog.add({claim(1)}, kNow, true);
  Backlog::Batch failed = backlog.take();
  backlog.add({claim(2)}, kNow, true);
  backlog.put_back(std::move(failed));
  backlog.add({claim(3)}, kNow, true);
  CHECK(tell(backlog.take()) == "claim 1, 2 lost");
}

TEST_CASE("what somebody waits for is never lost") {
  Backlog backlog(Bytes{1});
  backlog.add({claim(1), claim(2), skip(3)}, kNow, false);
  backlog.add({end(1, false), end(1)}, kNow, false);
  CHECK(tell(backlog.take()) == "claim 1, claim 2, skip 3, attempt 1, end 1");
}

TEST_CASE("of a run whose claim was refused nothing is kept") {
  Backlog backlog;
  backlog.forget(run(1).id);
  backlog.add({end(1, false), end(1), end(2)}, kNow, true);
  CHECK(tell(backlog.take()) == "end 2");
}
