#pragma once

#include <memory>
#include <vector>

#include "process/containment.h"
#include "sys/cgroup.h"

namespace taskrun::process {

/// A control group for each attempt. What a task starts stays in it, whatever it does, and is killed as a whole.
/// Groups that have become empty are used again: making one costs more than all else that a short attempt costs us.
class CgroupContainment : public Containment {
 public:
  /// Takes over the base, in which it makes the groups, and removes it at its end.
  explicit CgroupContainment(sys::Cgroup base);
  ~CgroupContainment() override;
  CgroupContainment(const CgroupContainment&) = delete;
  CgroupContainment& operator=(const CgroupContainment&) = delete;

  /// Whether a process can be started in a group. Where not, this is no containment.
  [[nodiscard]] Result<void> check_entry();

  [[nodiscard]] std::string_view name() const override { return "cgroup"; }
  [[nodiscard]] Result<std::unique_ptr<Cell>> make_cell(const Marks& marks, const ResourceLimits& limits) override;
  void on_reaped(pid_t) override {}
  void refresh() override {}

 private:
  friend class CgroupCell;
  [[nodiscard]] Result<sys::Cgroup> take_group();
  void give_back(sys::Cgroup group, bool was_killed);

  sys::Cgroup base_;
  bool has_memory_ = false;  // whether groups below the base can limit it
  bool has_pids_ = false;
  std::vector<sys::Cgroup> free_;
  std::uint64_t made_ = 0;
};

}  // namespace taskrun::process
