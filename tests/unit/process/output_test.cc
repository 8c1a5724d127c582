// What is kept of what a task writes (fault rows C7 to C10).

#include <csignal>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/support/temporary_directory.h"
#include "world.h"

namespace taskrun::process {
namespace {

// What a sanitizer keeps of freed memory is not ours to bound.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::uint64_t resident_kib() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

UNDER_BOTH("what a task writes is in its report, each stream apart") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report = world.run(shell("echo to out; echo to err >&2; printf 'no newline'"));
  CHECK(report.stdout_tail == "to out\nno newline");
  CHECK(report.stderr_tail == "to err\n");
  CHECK(report.output_bytes == 24);
  CHECK(report.truncated_bytes == 0);
  CHECK(report.output_complete);
}

UNDER_BOTH("of much output the end is kept and the rest is counted") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = nasty({"write", "10000000", "0123456789"});
  launch.output.limit = Bytes{25};
  const AttemptReport report = world.run(launch);
  CHECK(report.stdout_tail == "5678901234567890123456789");
  CHECK(report.output_bytes == 10'000'000);
  CHECK(report.truncated_bytes == 10'000'000 - 25);
  CHECK(report.exit.exit_code == 0);
}

UNDER_BOTH("output of any bytes arrives as it is") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report = world.run(shell(R"(printf '\000\033[31m\377\200\nx')"));
  CHECK(report.stdout_tail == std::string("\0\x1b[31m\xff\x80\nx", 10));
}

UNDER_BOTH("lines are told as they come, those too long in pieces") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = shell("echo one; echo two >&2; sleep 0.01; printf three");
  launch.output.mode = OutputMode::lines;
  const AttemptReport report = world.run(launch);
  CHECK(std::count(world.lines().begin(), world.lines().end(), "out: one") == 1);
  CHECK(std::count(world.lines().begin(), world.lines().end(), "err: two") == 1);
  CHECK(world.lines().back() == "out: three…");
  CHECK(report.stdout_tail.empty());
  CHECK(report.output_bytes == 13);
  CHECK(report.truncated_bytes == 0);
}

UNDER_BOTH("raw output and a tee come in chunks, and a tee takes nothing from the tail") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = shell("echo out; echo err >&2");
  launch.output.mode = OutputMode::raw;
  const AttemptId raw = world.start(launch);
  world.run_until_ended(raw);
  CHECK(world.report(raw).stdout_tail.empty());
  CHECK(world.chunks(raw).size() == 8);
  for (const OutputMode mode : {OutputMode::tail, OutputMode::none}) {
    launch.output.mode = mode;
    launch.tee = true;
    const AttemptId teed = world.start(launch);
    world.run_until_ended(teed);
    CHECK(world.chunks(teed).size() == 8);
    CHECK(world.report(teed).stdout_tail == (mode == OutputMode::tail ? "out\n" : ""));
    CHECK(world.report(teed).output_bytes == 8);
  }
}

UNDER_BOTH("a flood costs no memory, and others go on beside it") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  world.keep_chunks(false);
  const std::uint64_t before = resident_kib();
  Launch launch = nasty({"write", "1000000000000"});
  launch.output.limit = limits::kOutputTail;
  launch.tee = true;
  const AttemptId flood = world.start(launch);
  world.run_until([&] { return world.chunk_bytes() > 64 * limits::kOutputTail.count; });
  for (int i = 0; i < 20; ++i) CHECK(world.run(shell("echo beside")).stdout_tail == "beside\n");
  const std::uint64_t after = resident_kib();
  if (!kSanitized) CHECK(after < before + 16 * 1024);
  world.runner().kill(flood);
  world.run_until_ended(flood);
  const AttemptReport& report = world.report(flood);
  CHECK(report.exit.signal == SIGKILL);
  CHECK(report.output_bytes == world.chunk_bytes());
  CHECK(report.truncated_bytes == report.output_bytes - limits::kOutputTail.count);
  CHECK(report.stdout_tail == std::string(limits::kOutputTail.count, 'x'));
}

UNDER_BOTH("a task that closes its output and runs on costs the loop nothing") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptId quiet = world.start(nasty({"close-output"}));
  // Once both ends are known, nothing is left to wake the loop.
  world.loop().restart();
  for (int wakes = 0; world.loop().run_one_for(std::chrono::milliseconds(200)) != 0; ++wakes) {
    REQUIRE(wakes < 20);
    world.loop().restart();
  }
  CHECK_FALSE(world.has_ended(quiet));
  world.runner().kill(quiet);
  world.run_until_ended(quiet);
  CHECK(world.report(quiet).output_complete);
}

UNDER_BOTH("a child that holds the pipe keeps the end waiting no longer than the drain") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const AttemptReport report = world.run(shell("echo said; sleep 60 & exit 3"));
  CHECK(report.exit.exit_code == 3);
  CHECK(report.stdout_tail == "said\n");
  CHECK_FALSE(report.output_complete);
  CHECK(report.leftovers_killed == 1);
}

UNDER_BOTH("what came on descriptor 3 is the result") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = shell(R"(echo '{"n":1}' >&3; echo out)");
  launch.result = true;
  const AttemptReport report = world.run(launch);
  CHECK(report.result == "{\"n\":1}\n");
  CHECK(report.result_error.empty());
  CHECK(report.stdout_tail == "out\n");
  CHECK(report.output_bytes == 4);
  launch.argv.back() = "head -c 13000 /dev/zero >&3";
  const AttemptReport large = world.run(launch);
  CHECK(large.result.empty());
  CHECK(large.result_error == "the result is larger than 12KiB");
  CHECK(large.exit.exit_code == 0);
}

}  // namespace
}  // namespace taskrun::process
