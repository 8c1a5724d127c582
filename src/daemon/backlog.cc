#include "daemon/backlog.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace taskrun::daemon {
namespace {

using report::HistoryRecord;

// Of a record beside its texts: a guess that bounds memory well enough.
constexpr std::size_t kRecordSize = 512;

std::size_t size_of(const HistoryRecord& record) {
  const auto* finished = std::get_if<RunFinished>(&record);
  if (finished == nullptr) return kRecordSize;
  const AttemptReport& report = finished->report;
  return kRecordSize + report.stdout_tail.size() + report.stderr_tail.size() + report.result.size();
}

}  // namespace

Backlog::Ticket Backlog::add(std::vector<HistoryRecord> records, WallTime now, bool may_lose) {
  for (HistoryRecord& record : records) add_one(std::move(record), now, may_lose);
  return ++last_;
}

void Backlog::add_one(HistoryRecord record, WallTime now, bool may_lose) {
  if (auto* kept = std::get_if<report::DueTimesKept>(&record)) {
    due_times_.insert_or_assign(std::move(kept->task), std::move(kept->mark));
    return;
  }
  if (!is_welcome(record, now, may_lose)) return;
  bytes_ += size_of(record);
  waiting_.push_back(std::move(record));
}

// A run is recorded from its claim to its end or not at all: an end that is lost would be a run that never ended.
bool Backlog::is_welcome(const HistoryRecord& record, WallTime now, bool may_lose) {
  const bool has_room = !may_lose || bytes_ + taken_bytes_ < limit_.count;
  if (const auto* finished = std::get_if<RunFinished>(&record)) {
    const bool is_recorded = !unrecorded_.contains(finished->run.id);
    if (finished->is_final) unrecorded_.erase(finished->run.id);
    if (is_recorded && !has_room && !finished->is_final) lose(now);
    return is_recorded && (has_room || finished->is_final);
  }
  if (const auto* skip = std::get_if<report::DueTimeSkipped>(&record); skip != nullptr && skip->ends_claim) {
    const bool is_claimed = unrecorded_.erase(skip->skipped.run.id) == 0;
    if (is_claimed) return true;
  }
  if (has_room) return true;
  if (const auto* claimed = std::get_if<report::RunClaimed>(&record)) unrecorded_.insert(claimed->run.id);
  lose(now);
  return false;
}

void Backlog::lose(WallTime now) {
  if (!lost_) lost_ = report::RecordsLost{now, now, 0};
  lost_->until = now;
  ++lost_->count;
}

Backlog::Batch Backlog::take() {
  Batch batch;
  batch.until = taken_ = last_;
  batch.records.reserve(waiting_.size() + due_times_.size() + 1);
  std::move(waiting_.begin(), waiting_.end(), std::back_inserter(batch.records));
  for (auto& [task, mark] : due_times_) batch.records.emplace_back(report::DueTimesKept{task, std::move(mark)});
  if (lost_) batch.records.emplace_back(*lost_);
  waiting_.clear();
  due_times_.clear();
  lost_.reset();
  taken_bytes_ = std::exchange(bytes_, 0);
  return batch;
}

void Backlog::put_back(Batch batch) {
  std::deque<HistoryRecord> newer = std::exchange(waiting_, {});
  for (HistoryRecord& record : batch.records) {
    if (auto* kept = std::get_if<report::DueTimesKept>(&record)) {
      due_times_.emplace(std::move(kept->task), std::move(kept->mark));  // unless there is a newer one
    } else if (const auto* lost = std::get_if<report::RecordsLost>(&record)) {
      lost_ =
          report::RecordsLost{lost->from, lost_ ? lost_->until : lost->until, lost->count + (lost_ ? lost_->count : 0)};
    } else {
      bytes_ += size_of(record);
      waiting_.push_back(std::move(record));
    }
  }
  std::move(newer.begin(), newer.end(), std::back_inserter(waiting_));
  taken_bytes_ = 0;
  taken_ = 0;
}

void Backlog::forget(const RunId& run) { unrecorded_.insert(run); }

}  // namespace taskrun::daemon
