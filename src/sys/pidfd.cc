#include "sys/pidfd.h"

#include <cerrno>

#include <sys/syscall.h>
#include <unistd.h>

namespace taskrun::sys {

// Called by number: the header of glibc 2.36 forgets that these are C functions. The kernel makes every pidfd CLOEXEC.
Result<Fd> hold_process(pid_t pid) {
  Fd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) return fail_errno("cannot hold process " + std::to_string(pid), errno);
  return fd;
}

bool send_signal(int pidfd, int signal) { return syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) == 0; }

}  // namespace taskrun::sys
