#pragma once

#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "process/child.h"
#include "sys/fd.h"

namespace taskrun::process {

struct Spawned {
  pid_t pid = 0;
  sys::Fd pidfd;
};

/// Starts processes without copying the daemon: clone3 with shared memory, the calling thread standing still until the
/// child has executed its program or failed. Where clone3 is refused (an old seccomp filter, valgrind) it takes the C
/// library's clone, for good.
/// Used by one thread. Dispositions of signals are looked at when it is made, so it is made once they are set.
class Spawner {
 public:
  /// Fails when memory runs out.
  [[nodiscard]] static Result<Spawner> make();
  Spawner(Spawner&& other) noexcept;
  Spawner& operator=(Spawner&&) = delete;
  ~Spawner();

  /// Starts a process by `orders`, whose members `failure`, `parent`, `default_signals` and `cgroup_procs` are set
  /// here. `cgroup` is the directory of the cgroup to start in, or -1.
  /// A failure is complete: nothing is left of the child.
  [[nodiscard]] tl::expected<Spawned, ChildFailure> spawn(ChildOrders orders, int cgroup);

  /// For tests: behaves as if the kernel had refused clone3.
  void refuse_clone3() { clone3_refused_ = true; }

 private:
  explicit Spawner(char* memory);
  [[nodiscard]] char* stack_top() const;
  [[nodiscard]] ChildFailure* failure() const;
  [[nodiscard]] tl::expected<Spawned, int> clone_child(ChildOrders& orders, int cgroup);
  [[nodiscard]] tl::expected<Spawned, int> clone_by_kernel(const ChildOrders& orders, int cgroup) const;
  [[nodiscard]] tl::expected<Spawned, int> clone_by_library(ChildOrders& orders, int cgroup) const;

  char* memory_;  // the child's stack above a guard page; the page of the failure above the stack
  std::vector<int> default_signals_;
  bool clone3_refused_ = false;
};

}  // namespace taskrun::process
