#include "process/subreaper.h"

#include <algorithm>
#include <csignal>

#include "process/subreaper_cell.h"
#include "sys/pidfd.h"

namespace taskrun::process {
namespace {

std::optional<Marks> marks_in(std::string_view environment) {
  const auto run_id = sys::find_variable(environment, "TASKRUN_RUN_ID");
  if (!run_id) return std::nullopt;
  return Marks{std::string(*run_id), std::string(sys::find_variable(environment, "TASKRUN_ATTEMPT").value_or("")),
               std::string(sys::find_variable(environment, "TASKRUN_HOOK").value_or(""))};
}

}  // namespace

Result<std::unique_ptr<Cell>> Subreaper::make_cell(const Marks& marks, const ResourceLimits&) {
  return std::make_unique<SubreaperCell>(*this, marks);
}

void Subreaper::remove(const SubreaperCell& cell) {
  std::erase(cells_, &cell);
  mains_.erase(cell.session());
  for (auto& [pid, orphan] : orphans_) {
    // What would not die: nobody's, and not again.
    if (orphan.cell == &cell) orphan = Orphan{orphan.started, Claim::left, nullptr, 0, orphan.has_ended};
  }
}

// The list is short where nothing was left behind: the main processes that run, and nothing else.
void Subreaper::refresh() {
  for (const pid_t pid : children_.list()) {
    if (!mains_.contains(pid) && !orphans_.contains(pid)) adopt(pid);
  }
  if (!departed_.empty()) forget_departed();
}

void Subreaper::adopt(pid_t pid) {
  const auto stat = sys::read_stat(pid);
  if (!stat) return;
  Orphan orphan = claim_of(*stat);
  orphan.has_ended = sys::has_ended(*stat);
  orphans_.emplace(pid, orphan);
  if (orphan.has_ended) return;
  // Born of an attempt that has been reported ended, and hidden until now.
  if (orphan.claim != Claim::unmarked || is_anybodys(orphan)) return;
  if (const auto held = sys::hold_process(pid)) sys::send_signal(held->get(), SIGKILL);
}

Subreaper::Orphan Subreaper::claim_of(const sys::ProcessStat& stat) const {
  const auto claimed_where = [&](auto matches) -> std::optional<Orphan> {
    const auto cell = std::find_if(cells_.begin(), cells_.end(), [&](const auto* c) { return matches(*c); });
    if (cell == cells_.end()) return std::nullopt;
    return Orphan{stat.started, Claim::cell, *cell, 0, false};
  };
  if (auto orphan = claimed_where([&](const auto& cell) { return cell.has_seen(stat); })) return *orphan;
  const auto marks = marks_in(sys::read_environment(stat.pid).value_or(""));
  if (marks) {
    if (auto orphan = claimed_where([&](const auto& cell) { return cell.marks() == *marks; })) return *orphan;
  }
  for (const auto& [key, departed] : departed_) {
    if (departed.session == stat.session || (marks && departed.marks == *marks)) {
      return Orphan{stat.started, Claim::left, nullptr, key, false};
    }
  }
  if (auto orphan =
          claimed_where([&](const auto& cell) { return cell.session() != 0 && cell.session() == stat.session; }))
    return *orphan;
  const std::vector<ino_t> pipes = sys::open_pipes(stat.pid);
  if (auto orphan = claimed_where([&](const auto& cell) { return cell.has_pipe_among(pipes); })) return *orphan;
  return Orphan{stat.started, Claim::unmarked, nullptr, 0, false};
}

bool Subreaper::belongs_to(const Orphan& orphan, const SubreaperCell& cell) const {
  if (orphan.claim == Claim::cell) return orphan.cell == &cell;
  if (orphan.claim == Claim::left || cell.started() > orphan.started) return false;
  // It may have handed us its children after the list was made, and can be asked for its marks no more: until it is
  // reaped, and the next list tells, nobody whose it may be is without processes.
  if (orphan.has_ended) return true;
  return std::none_of(cells_.begin(), cells_.end(),
                      [&](const auto* other) { return other != &cell && other->started() <= orphan.started; });
}

bool Subreaper::is_anybodys(const Orphan& orphan) const {
  return !departed_.empty() ||
         std::any_of(cells_.begin(), cells_.end(), [&](const auto* c) { return c->started() <= orphan.started; });
}

void Subreaper::leave(const SubreaperCell& cell) {
  const std::size_t key = ++departures_;
  bool any = false;
  for (auto& [pid, orphan] : orphans_) {
    if (!belongs_to(orphan, cell)) continue;
    any = true;
    if (orphan.claim == Claim::unmarked && orphan.has_ended) continue;  // it may be another's, too
    orphan = Orphan{orphan.started, Claim::left, nullptr, key, orphan.has_ended};
  }
  if (any) departed_.emplace(key, Departed{cell.marks(), cell.session()});
}

// After the adoptions of the same look: the last process of a departed attempt may have handed us its children.
void Subreaper::forget_departed() {
  std::erase_if(departed_, [&](const auto& departed) {
    return std::none_of(orphans_.begin(), orphans_.end(), [&](const auto& entry) {
      return entry.second.claim == Claim::left && entry.second.departed == departed.first;
    });
  });
}

}  // namespace taskrun::process
