#include "daemon/exit_code.h"

#include <doctest/doctest.h>

using namespace taskrun;
using Kind = StartFailure::Kind;

namespace {

RunFinished ended(Outcome outcome) {
  RunFinished run;
  run.outcome = outcome;
  return run;
}
RunFinished exited(Outcome outcome, int code) {
  RunFinished run = ended(outcome);
  run.report.exit.exit_code = code;
  return run;
}
RunFinished signalled(Outcome outcome, int signal) {
  RunFinished run = ended(outcome);
  run.report.exit.signal = signal;
  return run;
}
RunFinished unstarted(Kind kind) {
  RunFinished run = ended(Outcome::error);
  run.report.start_failure = StartFailure{"", kind};
  return run;
}

int code_after(const RunFinished& run) {
  daemon::ExitCode code;
  code.record({{}, run});
  return code.of_only_run();
}

}  // namespace

TEST_CASE("the exit code of once is the task's own, or says why there is none") {
  CHECK(code_after(exited(Outcome::success, 0)) == 0);
  CHECK(code_after(exited(Outcome::success, 3)) == 3);  // by success_codes
  CHECK(code_after(exited(Outcome::failure, 255)) == 255);
  CHECK(code_after(signalled(Outcome::failure, 11)) == 139);
  CHECK(code_after(signalled(Outcome::cancelled, 15)) == 143);
  CHECK(code_after(signalled(Outcome::timeout, 9)) == 124);
  CHECK(code_after(exited(Outcome::timeout, 0)) == 124);
  CHECK(code_after(unstarted(Kind::other)) == 125);
  CHECK(code_after(unstarted(Kind::not_executable)) == 126);
  CHECK(code_after(unstarted(Kind::not_found)) == 127);
  CHECK(code_after(ended(Outcome::cancelled)) == 1);  // between two attempts
}

TEST_CASE("a run that did not succeed is never 0, whatever its task exited with") {
  CHECK(code_after(exited(Outcome::failure, 0)) == 1);  // by success_codes
  CHECK(code_after(exited(Outcome::error, 0)) == 1);
  CHECK(code_after(exited(Outcome::cancelled, 0)) == 1);
}

TEST_CASE("an attempt that is followed by a retry decides nothing") {
  daemon::ExitCode code;
  RunFinished first = exited(Outcome::failure, 7);
  first.is_final = false;
  code.record({{}, first});
  CHECK_FALSE(code.any_unsuccessful());
  code.record({{}, exited(Outcome::success, 0)});
  CHECK(code.of_only_run() == 0);
  CHECK_FALSE(code.any_unsuccessful());
}

TEST_CASE("a run that was skipped did not succeed") {
  daemon::ExitCode code;
  code.record({{}, RunSkipped{}});
  CHECK(code.any_skipped());
  CHECK(code.of_only_run() == 1);
}
