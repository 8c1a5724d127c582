#pragma once

#include <sys/syscall.h>

/// System calls without the C library: no errno, no PLT, no sanitizer in between. For the code that runs between clone
/// and exec in memory it shares with the daemon, where nothing else is safe.
namespace taskrun::process {

/// Marks a function that runs there: the compiler adds nothing to it that looks at memory or stack of its own accord.
#define TASKRUN_CHILD_CODE __attribute__((no_sanitize("address", "undefined"), no_stack_protector))

TASKRUN_CHILD_CODE inline long word(const void* pointer) { return reinterpret_cast<long>(pointer); }
TASKRUN_CHILD_CODE inline long word(unsigned value) { return static_cast<long>(value); }
TASKRUN_CHILD_CODE inline long word(long value) { return value; }

/// The result, or the negative error number.
#if defined(__x86_64__)

TASKRUN_CHILD_CODE inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  long result = number;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall" : "+a"(result) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

TASKRUN_CHILD_CODE inline long raw_syscall(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

#else
#error "taskrun knows the system calls of x86_64 and aarch64 only"
#endif

}  // namespace taskrun::process
