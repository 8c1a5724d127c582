#include "process/cgroup_containment.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <sys/wait.h>

#include "process/cgroup_base.h"
#include "process/spawn.h"
#include "process/start_failure.h"

namespace taskrun::process {
namespace {

// Groups kept for the next attempts: as many as are usually alive at once; each holds two descriptors.
constexpr std::size_t kFreeGroups = 32;
// How often the processes of a group are moved out before it is given up: one that forks as fast as we move stays.
constexpr int kLeaveRounds = 10;

// What was just killed is waited for at the very end.
constexpr auto kLastWait = std::chrono::seconds(1);

bool enable(const sys::Cgroup& base, std::string_view controller) {
  return base.write("cgroup.subtree_control", fmt::format("+{}", controller)).has_value();
}

}  // namespace

class CgroupCell : public Cell {
 public:
  CgroupCell(CgroupContainment& owner, sys::Cgroup group) : owner_(owner), group_(std::move(group)) {}
  ~CgroupCell() override { owner_.give_back(std::move(group_), was_killed_); }
  CgroupCell(const CgroupCell&) = delete;
  CgroupCell& operator=(const CgroupCell&) = delete;

  [[nodiscard]] int cgroup() const override { return group_.fd(); }
  [[nodiscard]] ResourceLimits unenforced(const ResourceLimits& limits) const override;
  void on_started(pid_t, std::span<const int>) override {}
  void on_main_reaped() override {}
  [[nodiscard]] bool is_empty() override { return !group_.is_populated(); }
  [[nodiscard]] std::vector<sys::ProcessStat> members() override;
  bool kill() override;
  [[nodiscard]] bool was_out_of_memory() const override;
  void leave() override;

  [[nodiscard]] Result<void> set_limits(const ResourceLimits& limits);

 private:
  CgroupContainment& owner_;
  sys::Cgroup group_;
  bool was_killed_ = false;
};

bool CgroupCell::kill() {
  was_killed_ = true;
  return group_.kill().has_value();
}

ResourceLimits CgroupCell::unenforced(const ResourceLimits& limits) const {
  ResourceLimits rest = limits;
  if (owner_.has_memory_) rest.memory.reset();
  if (owner_.has_pids_) rest.processes.reset();
  return rest;
}

Result<void> CgroupCell::set_limits(const ResourceLimits& limits) {
  Result<void> set;
  if (limits.memory && owner_.has_memory_) set = group_.write("memory.max", std::to_string(limits.memory->count));
  if (set && limits.processes && owner_.has_pids_) set = group_.write("pids.max", std::to_string(*limits.processes));
  return set;
}

std::vector<sys::ProcessStat> CgroupCell::members() {
  std::vector<sys::ProcessStat> members;
  for (const pid_t pid : group_.processes()) {
    const auto stat = sys::read_stat(pid);
    if (stat && !sys::has_ended(*stat)) members.push_back(*stat);
  }
  return members;
}

bool CgroupCell::was_out_of_memory() const {
  return owner_.has_memory_ && group_.count_in("memory.events", "oom_kill") > 0;
}

// Into the runner's own group, above the base: a base with processes in it would be cleared away as a dead runner's.
void CgroupCell::leave() {
  const auto outside = sys::Cgroup::open(std::filesystem::path(owner_.base_.path()).parent_path().string());
  for (int round = 0; outside && round < kLeaveRounds && group_.is_populated(); ++round) {
    for (const pid_t pid : group_.processes()) {
      static_cast<void>(outside->write("cgroup.procs", std::to_string(pid)));
    }
  }
}

// Starts nothing in a group of its own and looks how that fails: it should get as far as the exec. The kernel counts
// the kills of each group, and where a clone into a group finds another count there than in the parent's own group, it
// takes it for a kill that came in between (seen in Linux 6.18): a runner in a group that was killed before it came
// could start nothing.
Result<void> CgroupContainment::check_entry() {
  auto group = take_group();
  if (!group) return tl::unexpected(group.error());
  auto spawner = Spawner::make();
  if (!spawner) return tl::unexpected(spawner.error());
  const char* const paths[] = {"", nullptr};
  const char* const nothing[] = {nullptr};
  ChildOrders orders{};
  for (int& fd : orders.descriptors) fd = -1;
  orders.paths = paths;
  orders.arguments = nothing;
  orders.environment = nothing;
  const auto spawned = spawner->spawn(orders, group->fd());
  if (spawned) waitpid(spawned->pid, nullptr, 0);
  give_back(std::move(*group), false);
  if (spawned) return fail("the kernel kills what is started in a new group, because our own was killed before", EIO);
  if (spawned.error().stage == Stage::executing) return {};
  return fail_errno(name_of(spawned.error().stage), spawned.error().code);
}

CgroupContainment::CgroupContainment(sys::Cgroup base)
    : base_(std::move(base)), has_memory_(enable(base_, "memory")), has_pids_(enable(base_, "pids")) {}

// Empty by now, unless the runner ends with attempts alive.
CgroupContainment::~CgroupContainment() { clear_cgroup_base(base_, kLastWait); }

Result<std::unique_ptr<Cell>> CgroupContainment::make_cell(const Marks&, const ResourceLimits& limits) {
  auto group = take_group();
  if (!group) return tl::unexpected(group.error());
  auto cell = std::make_unique<CgroupCell>(*this, std::move(*group));
  if (auto set = cell->set_limits(limits); !set) return tl::unexpected(set.error());
  return cell;
}

Result<sys::Cgroup> CgroupContainment::take_group() {
  if (free_.empty()) return sys::Cgroup::make(fmt::format("{}/{}", base_.path(), ++made_));
  sys::Cgroup group = std::move(free_.back());
  free_.pop_back();
  return group;
}

// A group that can be limited is used once: its limits and its counters are those of one attempt. So is one that was
// killed: the kernel also kills what is cloned into it afterwards (see check_entry).
void CgroupContainment::give_back(sys::Cgroup group, bool was_killed) {
  if (!was_killed && !has_memory_ && !has_pids_ && free_.size() < kFreeGroups && !group.is_populated()) {
    free_.push_back(std::move(group));
  } else {
    static_cast<void>(group.remove());
  }
}

}  // namespace taskrun::process
