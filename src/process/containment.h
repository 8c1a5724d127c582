#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "model/task_policy.h"
#include "sys/proc.h"

/// How the processes of an attempt are kept together, so that none is alive when the attempt is reported ended.
///
/// Two kinds: a control group for each attempt, or, without any privilege, the fact that orphans come back to the
/// daemon (docs/architecture.md, Processes). The daemon is a subreaper in both.
namespace taskrun::process {

/// What a start puts into the environment of an attempt, and its descendants inherit.
struct Marks {
  std::string run_id;
  std::string attempt;
  std::string hook;
  friend bool operator==(const Marks&, const Marks&) = default;
};

/// The processes of one attempt: its main process, what that started, and what those started.
class Cell {
 public:
  virtual ~Cell() = default;
  /// The cgroup to start in, -1 for none.
  [[nodiscard]] virtual int cgroup() const = 0;
  /// Those of the limits that the cell does not enforce by itself.
  [[nodiscard]] virtual ResourceLimits unenforced(const ResourceLimits& limits) const = 0;
  /// The main process runs; `pipes` are our ends of its pipes.
  virtual void on_started(pid_t main, std::span<const int> pipes) = 0;
  /// The main process has been reaped.
  virtual void on_main_reaped() = 0;
  /// Whether no process is alive, once the main process has been reaped. Cheap.
  [[nodiscard]] virtual bool is_empty() = 0;
  /// The living processes, the main one among them while it is.
  [[nodiscard]] virtual std::vector<sys::ProcessStat> members() = 0;
  /// SIGKILL to all at once; false where that cannot be done at once.
  virtual bool kill() = 0;
  /// Whether the kernel killed one of them for want of memory; false where that cannot be known.
  [[nodiscard]] virtual bool was_out_of_memory() const = 0;
  /// What is alive now shall live on, and is nobody's any more.
  virtual void leave() = 0;
};

class Containment {
 public:
  virtual ~Containment() = default;
  /// "cgroup" or "subreaper".
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// A cell for one attempt; it must not outlive the containment.
  [[nodiscard]] virtual Result<std::unique_ptr<Cell>> make_cell(const Marks& marks, const ResourceLimits& limits) = 0;
  /// A child that was no main process has been reaped.
  virtual void on_reaped(pid_t pid) = 0;
  /// Looks which orphans have come to us since. To be called after reaping, before cells are asked.
  virtual void refresh() = 0;
};

enum class ContainmentChoice { automatic, cgroup, subreaper };

/// Makes this process a subreaper and returns the containment asked for; `automatic` is the strongest there is. Clears
/// away what a runner that was killed has left in our control group. Fails where that kind cannot be had here: never
/// silently weaker.
[[nodiscard]] Result<std::unique_ptr<Containment>> choose_containment(ContainmentChoice choice);

}  // namespace taskrun::process
