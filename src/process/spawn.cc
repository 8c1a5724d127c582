#include "process/spawn.h"

#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/raw_syscall.h"
#include "sys/pidfd.h"
#include "sys/signals.h"

namespace taskrun::process {
namespace {

constexpr std::size_t kPage = 65536;  // the largest page of a kernel we run on
constexpr std::size_t kStack = 65536;
constexpr std::size_t kMemory = kPage + kStack + kPage;

// clone3, and in the child a call of run_child(orders) on the new stack. The child never comes back into the frame of
// this function, which the parent goes on to use: that is why it is written here and not left to the compiler.
long clone_and_run(const clone_args* arguments, const ChildOrders* orders) {
#if defined(__x86_64__)
  long result = SYS_clone3;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%rbx, %%rdi\n\t"
      "call *%%rdx\n\t"
      "ud2\n"
      "1:"
      : "+a"(result)
      : "D"(arguments), "S"(sizeof *arguments), "b"(orders), "d"(&run_child)
      : "rcx", "r11", "cc", "memory");
  return result;
#else
  register long x8 __asm__("x8") = SYS_clone3;
  register long x0 __asm__("x0") = word(arguments);
  register long x1 __asm__("x1") = sizeof *arguments;
  register const ChildOrders* x2 __asm__("x2") = orders;
  register void (*x3)(const ChildOrders*) __asm__("x3") = &run_child;
  __asm__ volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, #0\n\t"
      "mov x30, #0\n\t"
      "mov x0, x2\n\t"
      "blr x3\n\t"
      "brk #1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
      : "cc", "memory");
  return x0;
#endif
}

int run_cloned(void* orders) { run_child(static_cast<const ChildOrders*>(orders)); }

std::vector<int> signals_not_at_default() {
  std::vector<int> signals;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    struct sigaction action{};
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) signals.push_back(signal);
  }
  return signals;
}

// Ends when the last copy of the other end has been closed: by the child's exec or by its end.
void await_close(int fd) {
  char nothing[1];
  while (const auto count = sys::read_some(fd, nothing)) {
    if (*count == 0) return;
  }
}

Result<sys::Fd> open_membership(int cgroup) {
  sys::Fd procs(openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC));
  if (!procs) return fail_errno("cannot open 'cgroup.procs'", errno);
  return sys::move_up(std::move(procs), kLowestOwn);
}

void reap_failed(pid_t pid) {
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<Spawner> Spawner::make() {
  constexpr int kFlags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
  void* memory = mmap(nullptr, kMemory, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  if (memory == MAP_FAILED) return fail_errno("cannot make a stack for children", errno);
  if (mprotect(memory, kPage, PROT_NONE) != 0) return fail_errno("cannot guard the stack for children", errno);
  return Spawner(static_cast<char*>(memory));
}

Spawner::Spawner(char* memory) : memory_(memory), default_signals_(signals_not_at_default()) {}

Spawner::Spawner(Spawner&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      default_signals_(std::move(other.default_signals_)),
      clone3_refused_(other.clone3_refused_) {}

Spawner::~Spawner() {
  if (memory_ != nullptr) munmap(memory_, kMemory);
}

char* Spawner::stack_top() const { return memory_ + kPage + kStack; }

ChildFailure* Spawner::failure() const { return reinterpret_cast<ChildFailure*>(stack_top()); }

tl::expected<Spawned, ChildFailure> Spawner::spawn(ChildOrders orders, int cgroup) {
  *failure() = ChildFailure{Stage::starting, 0, 0, 0};
  orders.failure = failure();
  orders.parent = getpid();
  orders.default_signals = default_signals_.data();
  orders.default_signal_count = default_signals_.size();
  orders.cgroup_procs = -1;
  const sys::SignalBlock blocked;
  auto spawned = clone_child(orders, cgroup);
  if (!spawned) return tl::unexpected(ChildFailure{Stage::starting, spawned.error(), 0, 0});
  if (failure()->stage == Stage::starting) return std::move(*spawned);
  reap_failed(spawned->pid);
  return tl::unexpected(*failure());
}

tl::expected<Spawned, int> Spawner::clone_child(ChildOrders& orders, int cgroup) {
  if (!clone3_refused_) {
    auto spawned = clone_by_kernel(orders, cgroup);
    if (spawned || (spawned.error() != ENOSYS && spawned.error() != EPERM)) return spawned;
    clone3_refused_ = true;
  }
  return clone_by_library(orders, cgroup);
}

tl::expected<Spawned, int> Spawner::clone_by_kernel(const ChildOrders& orders, int cgroup) const {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0);
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(memory_ + kPage);
  arguments.stack_size = kStack;
  arguments.cgroup = cgroup >= 0 ? static_cast<unsigned>(cgroup) : 0U;
  const long pid = clone_and_run(&arguments, &orders);
  if (pid < 0) return tl::unexpected(static_cast<int>(-pid));
  return Spawned{static_cast<pid_t>(pid), sys::Fd(pidfd)};
}

// Under valgrind such a clone is a fork: the parent runs on at once. So the exec is awaited through a pipe that it
// closes, and what went wrong comes through memory that a fork shares too.
tl::expected<Spawned, int> Spawner::clone_by_library(ChildOrders& orders, int cgroup) const {
  auto running = sys::make_pipe();
  if (!running) return tl::unexpected(running.error().code);
  auto until_exec = sys::move_up(std::move(running->write), kLowestOwn);
  if (!until_exec) return tl::unexpected(until_exec.error().code);
  sys::Fd procs;
  if (cgroup >= 0) {
    auto opened = open_membership(cgroup);
    if (!opened) return tl::unexpected(opened.error().code);
    procs = std::move(*opened);
    orders.cgroup_procs = procs.get();
  }
  const pid_t pid = clone(&run_cloned, stack_top(), CLONE_VM | CLONE_VFORK | SIGCHLD, &orders);
  if (pid < 0) return tl::unexpected(errno);
  until_exec->reset();
  await_close(running->read.get());
  auto pidfd = sys::hold_process(pid);
  if (pidfd) return Spawned{pid, std::move(*pidfd)};
  kill(pid, SIGKILL);
  reap_failed(pid);
  return tl::unexpected(pidfd.error().code);
}

}  // namespace taskrun::process
