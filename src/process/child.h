#pragma once

#include <cstddef>

#include <sys/resource.h>
#include <sys/types.h>

/// The child's side of a spawn: from the clone to the exec of the task.
///
/// The child runs on a stack of its own in the daemon's memory, while the daemon's thread stands still, so it may do
/// nothing but system calls: all that needs thought or memory was prepared beforehand and is in its orders. What goes
/// wrong it writes down as a stage and an error number, and is gone.
namespace taskrun::process {

/// What the child was at when it failed, in the order of its work.
enum class Stage : int {
  starting,  ///< nothing went wrong yet
  entering_cgroup,
  making_session,
  placing_descriptors,
  setting_limit,
  setting_nice,
  setting_groups,
  setting_group,
  setting_user,
  verifying_user,
  entering_directory,
  tying_to_runner,
  executing,
};

/// The numbers below are the task's: what the child itself still needs must lie above.
inline constexpr int kLowestOwn = 4;

/// Where the child writes what went wrong; in memory that is shared even where the clone copies memory (valgrind).
struct ChildFailure {
  Stage stage;
  int code;           ///< errno
  std::size_t which;  ///< the limit, or the path to execute
  unsigned mode;      ///< of what is at that path; 0 where nothing is
};

struct LimitOrder {
  int resource;
  rlimit64 limit;
  const char* name;  ///< as in the manifest
};

/// All memory belongs to the caller and outlives the spawn. Every descriptor is kLowestOwn or above, or -1.
struct ChildOrders {
  ChildFailure* failure;
  pid_t parent;                ///< the daemon: when it is not the parent any more, there is nothing to live for
  const int* default_signals;  ///< to be reset: what the daemon ignores or catches
  std::size_t default_signal_count;
  int cgroup_procs;    ///< to write oneself into, where the clone did not place us; -1
  int descriptors[4];  ///< to become 0, 1, 2 and 3; the last may be -1
  const LimitOrder* limits;
  std::size_t limit_count;
  const int* nice;  ///< null: as it is
  const unsigned* umask;
  bool changes_user;
  const gid_t* groups;  ///< sorted, null: as they are
  std::size_t group_count;
  gid_t* groups_read_back;  ///< room for group_count and one more
  gid_t group;
  uid_t user;
  const char* directory;     ///< null: as it is
  const char* const* paths;  ///< to try one after the other, ended by null
  const char* const* arguments;
  const char* const* environment;
};

/// Ends in exec, or in exit with `orders->failure` set.
[[noreturn]] void run_child(const ChildOrders* orders);

}  // namespace taskrun::process
