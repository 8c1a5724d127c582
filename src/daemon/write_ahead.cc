#include "daemon/write_ahead.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/history_limits.h"
#include "sys/clock.h"

namespace taskrun::daemon {
namespace {

// A timer that tells of its moment so much later was held up with this process.
constexpr Nanos kLate = std::chrono::milliseconds(100);

template <class FactType>
const FactType* fact_of(const engine::Action& action) {
  const auto* emit = std::get_if<engine::Emit>(&action);
  return emit == nullptr ? nullptr : std::get_if<FactType>(&emit->event.fact);
}

// The first attempt of a run: those after it are of a run that is claimed.
const engine::StartAttempt* claim_in(const engine::Action& action) {
  const auto* start = std::get_if<engine::StartAttempt>(&action);
  return start != nullptr && start->run.attempt == 1 ? start : nullptr;
}

bool needs_its_record(const engine::Action& action) {
  return claim_in(action) != nullptr || fact_of<RunFinished>(action) != nullptr ||
         fact_of<RunSkipped>(action) != nullptr;
}

// What a line of output takes while it is held; 0 for anything else.
std::size_t output_in(const engine::Action& action) {
  const auto* output = fact_of<RunOutput>(action);
  return output == nullptr ? 0 : sizeof(action) + output->line.size();
}

// The attempt that is ended, where one is.
std::optional<AttemptId> ended_by(const engine::Action& action) {
  if (const auto* stop = std::get_if<engine::StopAttempt>(&action)) return stop->attempt;
  if (const auto* kill = std::get_if<engine::KillAttempt>(&action)) return kill->attempt;
  return std::nullopt;
}

std::optional<AttemptId> started_by(const engine::Action& action) {
  if (const auto* start = std::get_if<engine::StartAttempt>(&action)) return start->attempt;
  if (const auto* hook = std::get_if<engine::StartHook>(&action)) return hook->attempt;
  return std::nullopt;
}

}  // namespace

WriteAhead::WriteAhead(boost::asio::io_context& loop, Runner runner)
    : loop_(loop), runner_(std::move(runner)), patience_(loop) {}

void WriteAhead::open(FoundHistory& found) {
  writer_ = std::make_unique<HistoryWriter>(found, [this](HistoryWriter::Progress progress) {
    boost::asio::post(loop_, [this, progress = std::move(progress)]() mutable { progressed(std::move(progress)); });
  });
  if (!found.trouble.empty()) {
    give_up_waiting(found.trouble);
    probe();
    restored_at_ = submitted_;
  }
}

// Whether anything can be written.
void WriteAhead::probe() { submitted_ = writer_->submit({}, sys::read_clocks().wall, true); }

// What is taken. -----------------------------------------------------------------------------------------------------

void WriteAhead::take(engine::Action action) {
  if (is_withdrawn(action)) return;
  if (writer_) record(action);
  if (must_wait(action)) {
    hold(std::move(action));
  } else {
    runner_.carry_out(action);
  }
}

// A process that is to end before it could start never starts, and nothing is sent to it.
bool WriteAhead::is_withdrawn(const engine::Action& action) {
  if (const auto* withdrawn = std::get_if<engine::WithdrawAttempt>(&action)) {
    if (held_starts_.contains(withdrawn->attempt)) withdrawn_.insert(withdrawn->attempt);
    return true;
  }
  if (std::exchange(is_withdrawing_, false) && fact_of<KillSent>(action) != nullptr) return true;
  const auto attempt = ended_by(action);
  is_withdrawing_ = attempt && held_starts_.contains(*attempt);
  if (is_withdrawing_) withdrawn_.insert(*attempt);
  return is_withdrawing_;
}

void WriteAhead::record(const engine::Action& action) {
  if (const auto* start = claim_in(action)) {
    records_.emplace_back(report::RunClaimed{start->run, sys::read_clocks().wall});
  } else if (const auto* finished = fact_of<RunFinished>(action)) {
    withdrawn_claims_.erase(finished->run.id);
    records_.emplace_back(*finished);
  } else if (const auto* skipped = fact_of<RunSkipped>(action)) {
    const bool ends_claim = withdrawn_claims_.erase(skipped->run.id) > 0;
    records_.emplace_back(report::DueTimeSkipped{*skipped, std::get<engine::Emit>(action).event.time, ends_claim});
  } else if (const auto* due = std::get_if<engine::Remember>(&action)) {
    records_.emplace_back(report::DueTimesKept{due->task, due->mark});
  }
}

bool WriteAhead::must_wait(const engine::Action& action) const {
  if (!writer_ || is_degraded_ || std::holds_alternative<engine::Remember>(action)) return false;
  if (std::holds_alternative<engine::Reply>(action)) return false;
  if (ended_by(action)) return false;
  return !held_.empty() || needs_its_record(action);
}

void WriteAhead::hold(engine::Action action) {
  const std::size_t output = output_in(action);
  if (output != 0 && held_output_ + output > limits::kHeldOutput.count) {
    return runner_.drop(std::get<engine::Emit>(action).event);
  }
  held_output_ += output;
  if (const auto attempt = started_by(action)) held_starts_.insert(*attempt);
  if (const auto* finished = fact_of<RunFinished>(action)) runner_.put_off(*finished);
  if (held_.empty()) watch_patience();
  held_.push_back({records_.empty() ? submitted_ : submitted_ + 1, std::move(action)});
}

std::set<RunId> WriteAhead::held_claims() const {
  std::set<RunId> runs;
  for (const Held& held : held_) {
    if (const auto* claim = claim_in(held.action)) runs.insert(claim->run.id);
  }
  return runs;
}

void WriteAhead::commit() {
  if (records_.empty()) return;
  submitted_ = writer_->submit(std::exchange(records_, {}), sys::read_clocks().wall, is_degraded_);
}

// What is released. --------------------------------------------------------------------------------------------------

void WriteAhead::progressed(HistoryWriter::Progress progress) {
  runner_.take_turn([&] {
    std::set<RunId> refused;
    if (!progress.refused.empty()) {
      const std::set<RunId> held = held_claims();
      for (const RunId& run : progress.refused) {
        // One that was not held runs by now, and what becomes of it is recorded.
        if (held.contains(run) && refused.insert(run).second) writer_->forget(run);
      }
    }
    done_ = std::max(done_, progress.done);
    const bool is_well = progress.trouble.empty();
    if (!is_well) give_up_waiting(std::move(progress.trouble));
    release(refused);
    if (is_degraded_ && is_well && done_ >= restored_at_) look_whether_restored(progress.took);
    for (const report::OpenRun& run : progress.open_runs) runner_.died(run);
    for (const auto& [task, mark] : progress.due_marks) runner_.found_mark(task, mark);
    commit();
  });
}

void WriteAhead::release(const std::set<RunId>& refused) {
  if (held_.empty()) return;
  while (!held_.empty() && (is_degraded_ || held_.front().needs <= done_)) {
    const engine::Action action = std::move(held_.front().action);
    held_.pop_front();
    held_output_ -= output_in(action);
    const auto attempt = started_by(action);
    if (attempt) held_starts_.erase(*attempt);
    const auto* claim = claim_in(action);
    if (claim != nullptr && refused.contains(claim->run.id)) {
      runner_.refuse(claim->attempt);
    } else if (attempt && withdrawn_.contains(*attempt)) {
      if (claim != nullptr) withdrawn_claims_.insert(claim->run.id);
      runner_.withdraw(*attempt);
    } else {
      runner_.carry_out(action);
    }
    if (attempt) withdrawn_.erase(*attempt);
  }
  watch_patience();
}

// What has gathered until the last failure must be written before all is well again; what comes later need not, or a
// busy runner might never come to that.
void WriteAhead::give_up_waiting(std::string why) {
  restored_at_ = submitted_;
  if (std::exchange(is_degraded_, true)) return;
  tell(HistoryDegraded{std::move(why)});
  release();
}

// A disk that takes longer than runs would wait for it is not well, though it writes: it would be told of with each
// run.
void WriteAhead::look_whether_restored(Nanos took) {
  if (took > limits::kRecordPatience) {
    if (done_ == submitted_) probe();
    return;
  }
  is_degraded_ = false;
  tell(HistoryRestored{});
}

void WriteAhead::tell(Fact fact) { take(engine::Emit{{sys::read_clocks().wall, std::move(fact)}}); }

void WriteAhead::watch_patience(bool may_be_late) {
  patience_.expires_after(limits::kRecordPatience);  // and what was waited for before is so no more
  patience_.async_wait([this, may_be_late](const boost::system::error_code& error) {
    if (error || held_.empty()) return;
    // Late: this process was stopped itself, or busy, and so was the thread that writes. It gets its time again, once.
    if (may_be_late && std::chrono::steady_clock::now() - patience_.expiry() > kLate) return watch_patience(false);
    // An answer that is there comes before.
    boost::asio::post(loop_, [this, seen = done_] {
      const bool is_stale = patience_.expiry() > std::chrono::steady_clock::now();  // armed anew meanwhile
      if (seen != done_ || held_.empty() || is_stale) return;
      runner_.take_turn([this] { give_up_waiting("the disk does not answer"); });
    });
  });
}

bool WriteAhead::has_ended_within(Nanos limit) { return !writer_ || writer_->has_ended_within(limit); }

}  // namespace taskrun::daemon
