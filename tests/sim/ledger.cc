#include "ledger.h"

#include <algorithm>

#include "base/limits.h"

namespace taskrun::sim {
namespace {

std::optional<WallTime> next_of(const Schedule& schedule, WallTime after) {
  if (const auto* cron = std::get_if<Cron>(&schedule)) return next_due(*cron, after);
  if (const auto* at = std::get_if<At>(&schedule)) return next_due(*at, after);
  return std::nullopt;
}

bool is_on_wall(const Schedule& schedule) {
  return std::holds_alternative<Cron>(schedule) || std::holds_alternative<At>(schedule);
}

}  // namespace

void Ledger::begin(const std::string& task, const Schedule& schedule, const std::optional<DueMark>& mark, bool is_exact,
                   WallTime now) {
  task_ = task;
  schedule_ = schedule;
  counts_ = true;
  if (!is_on_wall(schedule)) return forget({});
  if (!mark || mark->answered > now + limits::kClockWasWrong) return forget(now);
  set_mark(is_exact ? mark_ : mark->answered);  // the schedule may be another one
  if (!is_exact) {
    forget(mark->answered);
    open_.insert(mark->owed.begin(), mark->owed.end());
    return;
  }
  if (mark->answered != mark_) broken("another mark is on record", mark->answered);
  for (const WallTime owed : mark->owed) {
    if (!open_.contains(owed)) broken("owed on record, but answered", owed);
  }
}

void Ledger::set_mark(WallTime mark) {
  mark_ = mark;
  next_ = next_of(schedule_, mark_);
}

void Ledger::forget(WallTime now) {
  set_mark(now);
  open_.clear();
  begun_.clear();
  many_.clear();
  wrong_.clear();
  is_exact_ = true;
}

// What was answered does not come again, unless that was while the clock was far wrong.
void Ledger::change(const Schedule& schedule, WallTime now) {
  schedule_ = schedule;
  const bool is_new = is_on_wall(schedule);
  set_mark(!is_new ? mark_ : mark_ > now + limits::kClockWasWrong ? now : std::max(mark_, now));
}

void Ledger::look(WallTime now) {
  if (!counts_) return;
  while (next_ && *next_ <= now) {
    open_.insert(*next_);
    set_mark(*next_);
  }
}

void Ledger::set_back(WallTime now) {
  if (!counts_ || mark_ <= now + limits::kClockWasWrong) return;
  set_mark(now);
  is_exact_ = many_.empty() && is_exact_;
  wrong_.insert(open_.upper_bound(now), open_.end());
  open_.erase(open_.upper_bound(now), open_.end());
}

void Ledger::started(WallTime due, WallTime highest) {
  if (due > highest) broken("started early", due);
  if (!close(due)) broken("started, but not due, or answered before", due);
  begun_.insert(due);
}

void Ledger::finished(WallTime due) {
  if (begun_.erase(due) == 0 && !close(due)) broken("finished twice", due);
}

// Of one that came twice, by a clock that was wrong, nobody can say which of the two it was.
bool Ledger::close(WallTime due) {
  if (open_.contains(due) && wrong_.contains(due)) is_exact_ = false;
  return open_.erase(due) > 0 || wrong_.erase(due) > 0;
}

void Ledger::skipped(WallTime first, std::uint64_t count) {
  const bool is_open = count == 1 ? close(first) : open_.contains(first);
  if (!is_open) broken("skipped, but not due, or answered before", first);
  if (count == 1) return;
  if (count > open_.size()) broken("skipped more due times than there were, from", first);
  many_.emplace_back(first, count);
}

void Ledger::died() { begun_.clear(); }

void Ledger::settle() {
  std::uint64_t told = 0;
  for (const auto& [first, count] : many_) {
    if (is_exact_ && !open_.contains(first)) broken("stands for many and was answered itself", first);
    told += count;
  }
  if (!begun_.empty()) broken("has no final line", *begun_.begin());
  if (is_exact_ && told != open_.size()) {
    broken(std::to_string(open_.size()) + " due times without a line of their own, " + std::to_string(told) +
               " told together; the first",
           open_.empty() ? mark_ : *open_.begin());
  }
  open_.clear();
  many_.clear();
  wrong_.clear();
  is_exact_ = true;
}

void Ledger::broken(const std::string& what, WallTime due) const {
  throw Broken{task_ + ": " + what + ": " + format_utc(due)};
}

}  // namespace taskrun::sim
