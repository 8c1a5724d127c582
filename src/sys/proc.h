#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

/// What /proc tells about processes. Every answer is of the moment: a process may have ended since.
namespace taskrun::sys {

struct ProcessStat {
  pid_t pid = 0;
  char state = '?';  ///< 'R', 'S', 'T' …; 'Z' and 'X' have ended
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  std::uint64_t started = 0;  ///< clock ticks since boot: with the number, the identity of a process
};

/// Nothing where the process is gone.
[[nodiscard]] std::optional<ProcessStat> read_stat(pid_t pid);

/// From the text of /proc/PID/stat; a program may call itself ") R 1 (".
[[nodiscard]] std::optional<ProcessStat> parse_stat(std::string_view text);

[[nodiscard]] inline bool has_ended(const ProcessStat& stat) { return stat.state == 'Z' || stat.state == 'X'; }

/// A moment in the unit of ProcessStat::started, rounded down as the kernel does.
[[nodiscard]] std::uint64_t ticks_since_boot(BootTime time);

/// The environment that the program was started with, each entry ended by NUL. Nothing where we may not look.
[[nodiscard]] std::optional<std::string> read_environment(pid_t pid);

/// The value of `name` in such an environment.
[[nodiscard]] std::optional<std::string_view> find_variable(std::string_view environment, std::string_view name);

/// The inodes of the pipes that the process has open; nothing where we may not look.
[[nodiscard]] std::vector<ino_t> open_pipes(pid_t pid);

/// The living and the unreaped children of a process, whichever thread started them.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

/// The children of this process's first thread, adopted orphans among them, from a file that is kept open: cheap enough
/// to be asked after every run. Exact while nobody else in this process starts or reaps children.
class OwnChildren {
 public:
  /// Fails where /proc is not to be had for our PID namespace.
  [[nodiscard]] static Result<OwnChildren> make();
  /// Valid until the next call.
  [[nodiscard]] const std::vector<pid_t>& list();

 private:
  explicit OwnChildren(Fd file) : file_(std::move(file)) {}
  Fd file_;  // none: the kernel has no such file, and every process is asked for its parent
  std::string buffer_;
  std::vector<pid_t> pids_;
};

}  // namespace taskrun::sys
