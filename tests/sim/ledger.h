#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/input.h"
#include "schedule/schedule.h"

namespace taskrun::sim {

/// What a promise broken is told as; the first one ends a life.
struct Broken {
  std::string what;
};

/// The books of one task's due times on the wall clock, kept apart from the engine: it asks the schedule for one due
/// time after the other, and wants each answered exactly once, by whichever runner. Throws Broken.
class Ledger {
 public:
  /// A runner adds the task. `mark`: what was on record; `is_exact`: the record failed at nothing before the earlier
  /// runner ended, so that the two must agree.
  void begin(const std::string& task, const Schedule& schedule, const std::optional<DueMark>& mark, bool is_exact,
             WallTime now);
  /// From now on no due time of it comes.
  void end() { counts_ = false; }
  /// The task has another schedule from now on; what was due by the old one is still to be answered.
  void change(const Schedule& schedule, WallTime now);

  /// The clock shows `now`.
  void look(WallTime now);
  /// It was set back to `now`.
  void set_back(WallTime now);

  /// It comes, or came, again: the clock that showed it was far wrong.
  [[nodiscard]] bool comes_again(WallTime due, WallTime now) const { return due > now || wrong_.contains(due); }

  void started(WallTime due, WallTime highest);
  void finished(WallTime due);
  void skipped(WallTime first, std::uint64_t count);

  /// The runner died: what ran will have no final line.
  void died();
  /// Nothing of it is open any more: every due time that passed must have been answered.
  void settle();

 private:
  bool close(WallTime due);
  void forget(WallTime now);
  void set_mark(WallTime mark);
  [[noreturn]] void broken(const std::string& what, WallTime due) const;

  std::string task_;
  Schedule schedule_;
  bool counts_ = false;
  WallTime mark_{};               // until here the schedule was asked, or the last one that was on the wall clock
  std::optional<WallTime> next_;  // after it
  std::set<WallTime> open_;       // passed, without a line of their own
  std::set<WallTime> begun_;      // started, without a final line
  // Lines that stand for many due times: the first, and how many. Which ones those are shows at the end: the open ones.
  std::vector<std::pair<WallTime, std::uint64_t>> many_;
  // Open when the clock turned out to have been far wrong: they will come again, unless a run was made of them already.
  std::set<WallTime> wrong_;
  bool is_exact_ = true;  // no line that stands for many told of such a time, nor may have
};

}  // namespace taskrun::sim
