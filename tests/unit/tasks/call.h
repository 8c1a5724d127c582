#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "tasks/builtin.h"
#include "tests/support/capture.h"

/// What a built-in did: its exit, and what it wrote.
struct Called {
  taskrun::tasks::Exit exit{};
  std::string out;
  std::string err;
  std::string result;
};

inline Called call(std::string_view name, std::string_view arguments) {
  const taskrun::tasks::Builtin* const builtin = taskrun::tasks::find_builtin(name);
  REQUIRE(builtin != nullptr);
  const int descriptor = ::open("/dev/null", O_RDWR);
  ::setenv("TASKRUN_RESULT_FD", std::to_string(descriptor).c_str(), 1);
  Capture result(descriptor);
  Capture out(1);
  Capture err(2);
  Called called;
  called.exit = taskrun::tasks::run(*builtin, arguments);
  called.err = err.end();
  called.out = out.end();
  called.result = result.end();
  ::close(descriptor);
  ::unsetenv("TASKRUN_RESULT_FD");
  return called;
}
