#include "process/subreaper_cell.h"

#include <algorithm>

#include <sys/stat.h>

#include "sys/clock.h"

namespace taskrun::process {

SubreaperCell::SubreaperCell(Subreaper& owner, Marks marks)
    : owner_(owner), marks_(std::move(marks)), started_(sys::ticks_since_boot(sys::read_clocks().boot)) {
  owner_.add(*this);
}

SubreaperCell::~SubreaperCell() { owner_.remove(*this); }

void SubreaperCell::on_started(pid_t main, std::span<const int> pipes) {
  session_ = main;
  owner_.mains_.emplace(main, this);
  for (const int fd : pipes) {
    struct stat status{};
    if (fstat(fd, &status) == 0) pipes_.push_back(status.st_ino);
  }
}

void SubreaperCell::on_main_reaped() { owner_.mains_.erase(session_); }

bool SubreaperCell::is_empty() {
  return std::none_of(owner_.orphans_.begin(), owner_.orphans_.end(),
                      [&](const auto& entry) { return owner_.belongs_to(entry.second, *this); });
}

std::vector<sys::ProcessStat> SubreaperCell::members() {
  std::vector<sys::ProcessStat> members;
  if (owner_.mains_.contains(session_)) list_tree(session_, members);
  for (const auto& [pid, orphan] : owner_.orphans_) {
    if (!orphan.has_ended && owner_.belongs_to(orphan, *this)) list_tree(pid, members);
  }
  return members;
}

// A process may end, and its number be taken by another, while its tree is walked: what is listed was found below one
// of ours, and whoever signals it looks again.
void SubreaperCell::list_tree(pid_t root, std::vector<sys::ProcessStat>& members) {
  std::vector<pid_t> to_visit{root};
  while (!to_visit.empty()) {
    const auto stat = sys::read_stat(to_visit.back());
    to_visit.pop_back();
    if (!stat || sys::has_ended(*stat)) continue;
    members.push_back(*stat);
    if (stat->pid != root) seen_[stat->pid] = stat->started;
    const std::vector<pid_t> children = sys::children_of(stat->pid);
    to_visit.insert(to_visit.end(), children.begin(), children.end());
  }
}

bool SubreaperCell::has_seen(const sys::ProcessStat& stat) const {
  const auto seen = seen_.find(stat.pid);
  return seen != seen_.end() && seen->second == stat.started;
}

bool SubreaperCell::has_pipe_among(const std::vector<ino_t>& pipes) const {
  return std::any_of(pipes_.begin(), pipes_.end(),
                     [&](ino_t own) { return std::find(pipes.begin(), pipes.end(), own) != pipes.end(); });
}

}  // namespace taskrun::process
