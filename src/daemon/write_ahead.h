#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/history_writer.h"
#include "engine/action.h"

namespace taskrun::daemon {

/// Nothing outruns its record: a process starts once its due time is claimed in the history, and the end of a run is
/// told once it stands there. What waits for the writer keeps its order, and so does what comes after it. Two things
/// wait for nothing: the ending of processes, and answers, because whoever asks next is answered from what the engine
/// knows.
///
/// A history that fails, or does not answer for kRecordPatience, is waited for no more: what waits goes on and
/// history_degraded tells, once, until all that has gathered is written: history_restored.
class WriteAhead {
 public:
  /// What it asks of the runner.
  struct Runner {
    std::function<void(const engine::Action&)> carry_out;
    /// Has the work done, and then decides on what that made happen.
    std::function<void(const std::function<void()>& work)> take_turn;
    std::function<void(AttemptId)> refuse;             ///< it must not start: its due time was answered before
    std::function<void(const report::OpenRun&)> died;  ///< with an earlier runner; known only now
    /// Kept by an earlier runner; known only now.
    std::function<void(const std::string& task, const DueMark& mark)> found_mark;
    std::function<void(const Event&)> drop;           ///< an output line too many
    std::function<void(const RunFinished&)> put_off;  ///< a run has ended, which is told later
    std::function<void(AttemptId)> withdraw;          ///< it was ended before it could start: it never will
  };

  WriteAhead(boost::asio::io_context& loop, Runner runner);

  /// Begins to record; before that everything is carried out at once. Takes the file of `found`; its open runs are the
  /// caller's to end.
  void open(FoundHistory& found);

  /// Carries the action out, now or when what it needs is recorded. What is recorded of several is one batch, until
  /// commit().
  void take(engine::Action action);
  void commit();

  /// To be asked once the loop has ended. False where a disk hangs: then this object cannot be destroyed in time.
  [[nodiscard]] bool has_ended_within(Nanos limit);

 private:
  struct Held {
    HistoryWriter::Ticket needs;
    engine::Action action;
  };

  void record(const engine::Action& action);
  [[nodiscard]] bool must_wait(const engine::Action& action) const;
  void hold(engine::Action action);
  [[nodiscard]] bool is_withdrawn(const engine::Action& action);
  [[nodiscard]] std::set<RunId> held_claims() const;
  void release(const std::set<RunId>& refused = {});
  void progressed(HistoryWriter::Progress progress);
  void give_up_waiting(std::string why);
  void look_whether_restored(Nanos took);
  void probe();
  void tell(Fact fact);
  void watch_patience(bool may_be_late = true);

  boost::asio::io_context& loop_;
  Runner runner_;
  boost::asio::steady_timer patience_;
  std::vector<report::HistoryRecord> records_;  // of the batch that gathers
  std::deque<Held> held_;
  std::unordered_set<AttemptId> held_starts_;
  std::unordered_set<AttemptId> withdrawn_;  // of held_starts_
  std::set<RunId> withdrawn_claims_;         // claims of starts that never happened, whose end is not told yet
  bool is_withdrawing_ = false;              // the action before was the end of one of these
  std::size_t held_output_ = 0;              // bytes
  HistoryWriter::Ticket submitted_ = 0;
  HistoryWriter::Ticket done_ = 0;
  HistoryWriter::Ticket restored_at_ = 0;  // once this is done
  bool is_degraded_ = false;
  std::unique_ptr<HistoryWriter> writer_;  // null: nothing is recorded
};

}  // namespace taskrun::daemon
