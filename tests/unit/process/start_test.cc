// Everything that keeps a task from starting (fault row C12), and how a task starts.

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "process/spawn.h"
#include "process/start_failure.h"
#include "tests/support/temporary_directory.h"
#include "world.h"

namespace taskrun::process {
namespace {

using Why = StartFailure::Kind;

void write_program(const std::string& path, const std::string& text, mode_t mode = 0755) {
  std::ofstream(path) << text;
  REQUIRE(chmod(path.c_str(), mode) == 0);
}

void check_failure(const StartFailure& failure, const std::string& message, Why kind) {
  CHECK(failure.message == message);
  CHECK(failure.kind == kind);
}

Launch with_path(std::vector<std::string> argv, const std::string& path) {
  Launch launch = command(std::move(argv));
  launch.environment.front() = "PATH=" + path;
  return launch;
}

UNDER_BOTH("what cannot be executed is told by what is wrong with it") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const TemporaryDirectory directory;
  const std::string plain = directory.file("plain");
  write_program(plain, "#!/bin/sh\n", 0644);
  write_program(directory.file("lost"), "#! /nosuch/interpreter -x\nexit 0\n");
  write_program(directory.file("dos"), "#!/bin/sh\r\nexit 0\r\n");
  write_program(directory.file("text"), "no program at all\n");
  write_program(directory.file("empty"), "");

  check_failure(world.start_failing(command({"nosuch"})), "executing 'nosuch': No such file or directory",
                Why::not_found);
  check_failure(world.start_failing(command({""})), "executing '': No such file or directory", Why::not_found);
  check_failure(world.start_failing(command({"/nosuch/program"})),
                "executing '/nosuch/program': No such file or directory", Why::not_found);
  check_failure(world.start_failing(command({"/etc/passwd/x"})), "executing '/etc/passwd/x': Not a directory",
                Why::not_found);
  check_failure(world.start_failing(command({plain})), "executing '" + plain + "': Permission denied",
                Why::not_executable);
  check_failure(world.start_failing(command({directory.path()})),
                "executing '" + directory.path() + "': it is a directory", Why::not_executable);
  check_failure(
      world.start_failing(command({directory.file("lost")})),
      "executing '" + directory.file("lost") + "': bad interpreter '/nosuch/interpreter': No such file or directory",
      Why::not_executable);
  check_failure(world.start_failing(command({directory.file("dos")})),
                "executing '" + directory.file("dos") +
                    "': bad interpreter '/bin/sh\\u{000d}': No such file or directory (its lines end in CR LF)",
                Why::not_executable);
  for (const char* name : {"text", "empty"}) {
    check_failure(world.start_failing(command({directory.file(name)})),
                  "executing '" + directory.file(name) +
                      "': Exec format error (no program for this machine, and no script that begins with #!)",
                  Why::not_executable);
  }
}

UNDER_BOTH("a program is looked for in the task's own PATH, from the task's own directory") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory.file("a"));
  std::filesystem::create_directories(directory.file("b"));
  write_program(directory.file("a/tool"), "#!/bin/sh\n", 0644);
  write_program(directory.file("b/tool"), "#!/bin/sh\necho from b\n");
  write_program(directory.file("here"), "#!/bin/sh\necho from here\n");
  const std::string both = directory.file("a") + ":" + directory.file("b");

  CHECK(world.run(with_path({"tool"}, both)).stdout_tail == "from b\n");
  check_failure(world.start_failing(with_path({"tool"}, directory.file("a") + ":/nosuch")),
                "executing '" + directory.file("a/tool") + "': Permission denied", Why::not_executable);
  check_failure(world.start_failing(with_path({"tool"}, "/etc/passwd:/nosuch")),
                "executing 'tool': No such file or directory", Why::not_found);
  Launch relative = with_path({"tool"}, "b");
  relative.cwd = directory.path();
  CHECK(world.run(relative).stdout_tail == "from b\n");
  Launch empty_entry = with_path({"here"}, "/nosuch:");
  empty_entry.cwd = directory.path();
  CHECK(world.run(empty_entry).stdout_tail == "from here\n");
  Launch no_path = command({"true"});
  no_path.environment.erase(no_path.environment.begin());
  CHECK(world.run(no_path).exit.exit_code == 0);
}

UNDER_BOTH("a directory that cannot be entered, a user and a group that are not, are told by name") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = command({"true"});
  launch.cwd = "/nosuch/place";
  check_failure(world.start_failing(launch), "entering directory '/nosuch/place': No such file or directory",
                Why::other);
  launch.cwd = "/etc/passwd";
  check_failure(world.start_failing(launch), "entering directory '/etc/passwd': Not a directory", Why::other);
  launch.cwd = "";
  launch.user = "nosuchuser";
  check_failure(world.start_failing(launch), "finding user 'nosuchuser': no such user", Why::other);
  launch.user = "4199999999";
  check_failure(world.start_failing(launch), "finding user '4199999999': no such user, and no group is named beside it",
                Why::other);
  launch.user = "";
  launch.group = "nosuchgroup";
  check_failure(world.start_failing(launch), "finding group 'nosuchgroup': no such group", Why::other);
}

UNDER_BOTH("too much environment names the largest variable and never its value") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = command({"/bin/true"});
  launch.environment.push_back("SECRET=" + std::string(200'000, 's'));
  check_failure(world.start_failing(launch),
                "executing '/bin/true': Argument list too long (the largest variable is SECRET with 200007 bytes)",
                Why::other);
  launch.argv.push_back(std::string(300'000, 'a'));
  CHECK(world.start_failing(launch).message ==
        "executing '/bin/true': Argument list too long (the largest variable is SECRET with 200007 bytes; argument 1 "
        "has 300000 bytes)");
}

UNDER_BOTH("a limit above what is allowed keeps a task from starting, if one may not raise it") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  Launch launch = command({"true"});
  launch.limits.open_files = std::uint64_t{1} << 40;
  check_failure(world.start_failing(launch), "setting limit open_files: Operation not permitted", Why::other);
}

UNDER_BOTH("a failed start is followed by good ones") {
  World world(Kind::kChoice);
  if (!world.is_available()) return;
  for (int i = 0; i < 50; ++i) {
    CHECK(world.start_failing(command({"nosuch"})).kind == Why::not_found);
  }
  CHECK(world.run(shell("echo well")).stdout_tail == "well\n");
}

TEST_CASE("without clone3 a start and a failed start are the same") {
  auto spawner = Spawner::make();
  REQUIRE(spawner);
  spawner->refuse_clone3();
  const char* const arguments[] = {"/bin/sh", "-c", "exit 7", nullptr};
  const char* const environment[] = {nullptr};
  const char* const good[] = {"/bin/sh", nullptr};
  const char* const bad[] = {"/nosuch", nullptr};
  const sys::Fd null = sys::move_up(sys::open_file("/dev/null", O_RDWR).value(), kLowestOwn).value();
  ChildOrders orders{};
  for (int& fd : orders.descriptors) fd = null.get();
  orders.arguments = arguments;
  orders.environment = environment;
  orders.paths = good;
  const auto spawned = spawner->spawn(orders, -1);
  REQUIRE(spawned);
  int status = 0;
  CHECK(waitpid(spawned->pid, &status, 0) == spawned->pid);
  CHECK(WEXITSTATUS(status) == 7);
  orders.paths = bad;
  const auto failed = spawner->spawn(orders, -1);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().stage == Stage::executing);
  CHECK(failed.error().code == ENOENT);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("the interpreter is what stands after #!, without blanks and arguments") {
  CHECK(interpreter_in("#!/bin/sh\necho\n") == "/bin/sh");
  CHECK(interpreter_in("#! \t/usr/bin/env -S python3\n") == "/usr/bin/env");
  CHECK(interpreter_in("#!/bin/sh") == "/bin/sh");
  CHECK(interpreter_in("#!\n").empty());
  CHECK(interpreter_in("\x7f"
                       "ELF")
            .empty());
  CHECK(interpreter_in("").empty());
}

}  // namespace
}  // namespace taskrun::process
