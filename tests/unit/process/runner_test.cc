#include <csignal>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/support/temporary_directory.h"
#include "world.h"

namespace taskrun::process {
namespace {

UNDER_BOTH("every exit code arrives as it was") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (int code = 0; code <= 255; ++code) {
    CAPTURE(code);
    const AttemptReport report = world.run(shell("exit " + std::to_string(code)));
    CHECK(report.exit == ExitStatus{code, {}, false});
    CHECK(report.output_complete);
    CHECK(report.leftovers_killed == 0);
  }
}

UNDER_BOTH("an end by a signal is told by the signal") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (const int number : {SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGRTMIN}) {
    CAPTURE(number);
    CHECK(world.run(nasty({"signal", std::to_string(number)})).exit == ExitStatus{{}, number, false});
  }
}

}  // namespace
}  // namespace taskrun::process
