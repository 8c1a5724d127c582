#include "process/child.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <linux/stat.h>

#include "process/raw_syscall.h"

namespace taskrun::process {
namespace {

// The kernel's struct sigaction with nothing set: the default disposition.
constexpr long kDefaultAction[4] = {};
constexpr long kEmptyMask = 0;
constexpr long kSignalSetSize = 8;

[[noreturn]] TASKRUN_CHILD_CODE void give_up(const ChildOrders* orders, Stage stage, long result, std::size_t which = 0,
                                             unsigned mode = 0) {
  orders->failure->code = static_cast<int>(-result);
  orders->failure->which = which;
  orders->failure->mode = mode;
  orders->failure->stage = stage;
  for (;;) raw_syscall(SYS_exit_group, 127);
}

TASKRUN_CHILD_CODE void require(const ChildOrders* orders, Stage stage, long result, std::size_t which = 0) {
  if (result < 0) give_up(orders, stage, result, which);
}

TASKRUN_CHILD_CODE void reset_signals(const ChildOrders* orders) {
  for (std::size_t i = 0; i < orders->default_signal_count; ++i) {
    raw_syscall(SYS_rt_sigaction, orders->default_signals[i], word(kDefaultAction), 0, kSignalSetSize);
  }
}

// The rest is closed by the exec; a kernel that does not know the flag had everything marked at the daemon's start.
TASKRUN_CHILD_CODE void place_descriptors(const ChildOrders* orders) {
  for (int fd = 0; fd < 4; ++fd) {
    const int source = orders->descriptors[fd];
    if (source >= 0) require(orders, Stage::placing_descriptors, raw_syscall(SYS_dup3, source, fd, 0));
  }
  raw_syscall(SYS_close_range, orders->descriptors[3] < 0 ? 3 : 4, word(~0U), CLOSE_RANGE_CLOEXEC);
}

TASKRUN_CHILD_CODE void set_limits(const ChildOrders* orders) {
  for (std::size_t i = 0; i < orders->limit_count; ++i) {
    const LimitOrder* order = &orders->limits[i];
    const long result = raw_syscall(SYS_prlimit64, 0, order->resource, word(&order->limit), 0);
    require(orders, Stage::setting_limit, result, i);
  }
  if (orders->nice != nullptr) {
    require(orders, Stage::setting_nice, raw_syscall(SYS_setpriority, PRIO_PROCESS, 0, *orders->nice));
  }
  if (orders->umask != nullptr) raw_syscall(SYS_umask, word(*orders->umask));
}

TASKRUN_CHILD_CODE void set_groups(const ChildOrders* orders) {
  if (orders->groups == nullptr) return;
  const long count = static_cast<long>(orders->group_count);
  require(orders, Stage::setting_groups, raw_syscall(SYS_setgroups, count, word(orders->groups)));
  const long read_back = raw_syscall(SYS_getgroups, count + 1, word(orders->groups_read_back));
  if (read_back != count) give_up(orders, Stage::verifying_user, -EPERM);
  for (long i = 0; i < count; ++i) {
    if (orders->groups_read_back[i] != orders->groups[i]) give_up(orders, Stage::verifying_user, -EPERM);
  }
}

// What was dropped is read back, and that it cannot be taken back is tried: a task must never run with rights that its
// manifest says it has not.
TASKRUN_CHILD_CODE void change_user(const ChildOrders* orders) {
  if (!orders->changes_user) return;
  set_groups(orders);
  const long gid = word(orders->group), uid = word(orders->user);
  require(orders, Stage::setting_group, raw_syscall(SYS_setresgid, gid, gid, gid));
  require(orders, Stage::setting_user, raw_syscall(SYS_setresuid, uid, uid, uid));
  uid_t users[3];
  gid_t groups[3];
  require(orders, Stage::verifying_user, raw_syscall(SYS_getresuid, word(&users[0]), word(&users[1]), word(&users[2])));
  require(orders, Stage::verifying_user,
          raw_syscall(SYS_getresgid, word(&groups[0]), word(&groups[1]), word(&groups[2])));
  for (int i = 0; i < 3; ++i) {
    if (users[i] != orders->user || groups[i] != orders->group) give_up(orders, Stage::verifying_user, -EPERM);
  }
  if (orders->user != 0 && raw_syscall(SYS_setuid, 0) == 0) give_up(orders, Stage::verifying_user, -EPERM);
}

// After the change of user, which undoes it. A parent that died before is told by the parent that we have now.
TASKRUN_CHILD_CODE void tie_to_runner(const ChildOrders* orders) {
  require(orders, Stage::tying_to_runner, raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL));
  if (raw_syscall(SYS_getppid) != orders->parent) give_up(orders, Stage::tying_to_runner, -ESRCH);
}

TASKRUN_CHILD_CODE unsigned mode_at(const char* path) {
  struct statx status;
  const long result = raw_syscall(SYS_statx, AT_FDCWD, word(path), 0, STATX_TYPE | STATX_MODE, word(&status));
  return result < 0 ? 0 : status.stx_mode;
}

// As a shell looks along PATH: a file that may not be executed is remembered while a better one is looked for; one that
// is there and cannot be run ends the search. ENOENT for a file that is there means its interpreter.
[[noreturn]] TASKRUN_CHILD_CODE void execute(const ChildOrders* orders) {
  long refused = 0;
  std::size_t refused_which = 0;
  unsigned refused_mode = 0;
  for (std::size_t i = 0; orders->paths[i] != nullptr; ++i) {
    const char* path = orders->paths[i];
    const long result = raw_syscall(SYS_execve, word(path), word(orders->arguments), word(orders->environment));
    const unsigned mode = mode_at(path);
    const bool missing = mode == 0 && (result == -ENOENT || result == -ENOTDIR);
    if (!missing && result != -EACCES) give_up(orders, Stage::executing, result, i, mode);
    if (i != 0 && (missing || refused == -EACCES)) continue;
    refused = result;
    refused_which = i;
    refused_mode = mode;
  }
  give_up(orders, Stage::executing, refused, refused_which, refused_mode);
}

}  // namespace

TASKRUN_CHILD_CODE void run_child(const ChildOrders* orders) {
  reset_signals(orders);
  if (orders->cgroup_procs >= 0) {
    require(orders, Stage::entering_cgroup, raw_syscall(SYS_write, orders->cgroup_procs, word("0"), 1));
  }
  require(orders, Stage::making_session, raw_syscall(SYS_setsid));
  place_descriptors(orders);
  set_limits(orders);
  change_user(orders);
  if (orders->directory != nullptr) {
    require(orders, Stage::entering_directory, raw_syscall(SYS_chdir, word(orders->directory)));
  }
  tie_to_runner(orders);
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, word(&kEmptyMask), 0, kSignalSetSize);
  execute(orders);
}

}  // namespace taskrun::process
