#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "process/containment.h"
#include "process/subreaper.h"

namespace taskrun::process {

/// What tells the processes of one attempt under a Subreaper.
class SubreaperCell : public Cell {
 public:
  SubreaperCell(Subreaper& owner, Marks marks);
  ~SubreaperCell() override;
  SubreaperCell(const SubreaperCell&) = delete;
  SubreaperCell& operator=(const SubreaperCell&) = delete;

  [[nodiscard]] int cgroup() const override { return -1; }
  [[nodiscard]] ResourceLimits unenforced(const ResourceLimits& limits) const override { return limits; }
  void on_started(pid_t main, std::span<const int> pipes) override;
  void on_main_reaped() override;
  [[nodiscard]] bool is_empty() override;
  [[nodiscard]] std::vector<sys::ProcessStat> members() override;
  bool kill() override { return false; }
  [[nodiscard]] bool was_out_of_memory() const override { return false; }
  void leave() override { owner_.leave(*this); }

  /// Whether the process was seen as a descendant.
  [[nodiscard]] bool has_seen(const sys::ProcessStat& stat) const;
  [[nodiscard]] const Marks& marks() const { return marks_; }
  /// 0 before the start.
  [[nodiscard]] pid_t session() const { return session_; }
  [[nodiscard]] bool has_pipe_among(const std::vector<ino_t>& pipes) const;
  /// In clock ticks since boot: nothing born before is of this attempt.
  [[nodiscard]] std::uint64_t started() const { return started_; }

 private:
  void list_tree(pid_t root, std::vector<sys::ProcessStat>& members);

  Subreaper& owner_;
  Marks marks_;
  std::uint64_t started_;
  pid_t session_ = 0;  // the main process's number, also after its end: a session in use keeps its number taken
  std::vector<ino_t> pipes_;
  std::unordered_map<pid_t, std::uint64_t> seen_;  // descendants, with their start
};

}  // namespace taskrun::process
