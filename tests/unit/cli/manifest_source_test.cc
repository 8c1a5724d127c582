#include "cli/manifest_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/exit_codes.h"
#include "place.h"

namespace fs = std::filesystem;
using namespace taskrun;
using namespace taskrun::cli;

namespace {

constexpr std::string_view kGood = R"({"version":1,"tasks":{"a":{"shell":"true"}}})";

std::string failure_of(const std::string& path, int exit_code = kNoInput) {
  const ManifestReading reading = read_manifest({.path = path});
  CHECK(reading.exit_code == exit_code);
  CHECK(reading.manifest.tasks.empty());
  return reading.failure;
}

// Reads "-" with this on standard input.
ManifestReading read_stdin(std::string_view text, Bytes limit = limits::kManifestSize) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  const int before = ::dup(0);
  ::dup2(ends[0], 0);
  ManifestReading reading = read_manifest({.path = "-", .limit = limit});
  ::dup2(before, 0);
  ::close(before);
  ::close(ends[0]);
  return reading;
}

}  // namespace

TEST_CASE("the manifest that is named is read") {
  const Place place;
  place.write("jobs.json", kGood);
  const ManifestReading reading = read_manifest({.path = "jobs.json"});
  CHECK(reading.exit_code == kDone);
  CHECK(reading.name == "jobs.json");
  CHECK(reading.path == place.root() / "jobs.json");
  CHECK(reading.manifest.tasks.size() == 1);
  CHECK(told(reading, {}) == "");
}

TEST_CASE("where none is named, the variable comes first, then here, then the nearest parent") {
  const Place place;
  fs::create_directories("a/b");
  place.write("taskrun.json", kGood);
  place.write("other.json", kGood);
  CHECK(read_manifest({}).name == "taskrun.json");
  fs::current_path("a/b");
  CHECK(read_manifest({}).name == place.root() / "taskrun.json");
  place.write("../taskrun.json", kGood);
  CHECK(read_manifest({}).name == place.root() / "a/taskrun.json");
  ::setenv("TASKRUN_MANIFEST", "../../other.json", 1);
  CHECK(read_manifest({}).name == "../../other.json");
  CHECK(read_manifest({}).path == place.root() / "other.json");
  ::setenv("TASKRUN_MANIFEST", "", 1);
  CHECK(read_manifest({}).name == place.root() / "a/taskrun.json");
}

TEST_CASE("no manifest anywhere says how to get one") {
  const Place place;
  const ManifestReading reading = read_manifest({});
  CHECK(reading.exit_code == kNoInput);
  CHECK(told(reading, {}) ==
        "taskrun: no manifest is named, and there is no taskrun.json here or in a parent directory "
        "('taskrun init' writes one)\n");
}

TEST_CASE("what cannot be read is told apart, and nothing hangs") {
  const Place place;
  REQUIRE(::mkfifo("fifo", 0600) == 0);
  fs::create_directory("directory");
  fs::create_symlink("nowhere", "dangling");
  place.write("large", "xxxxxxxxxx");
  CHECK(failure_of("none") == "cannot open 'none': No such file or directory");
  CHECK(failure_of("fifo") == "cannot read 'fifo': it is a FIFO, not a regular file ('-' reads stdin)");
  CHECK(failure_of("directory") == "cannot read 'directory': it is a directory");
  CHECK(failure_of("dangling") == "cannot open 'dangling': it is a link to a file that does not exist");
  CHECK(failure_of("/dev/null") == "cannot read '/dev/null': it is a device, not a regular file");
  CHECK(failure_of("none\x1b[2J") == "cannot open 'none\\u{001b}[2J': No such file or directory");
  const ManifestReading large = read_manifest({.path = "large", .limit = Bytes{9}});
  CHECK(large.exit_code == kWrongManifest);
  CHECK(large.failure == "cannot read 'large': it is larger than 9 bytes (--manifest-limit allows more)");
}

TEST_CASE("a dash is stdin, up to the limit") {
  const ManifestReading reading = read_stdin(kGood);
  CHECK(reading.exit_code == kDone);
  CHECK(reading.name == "<stdin>");
  CHECK(reading.path == "");
  CHECK(read_stdin("").exit_code == kWrongManifest);
  const ManifestReading large = read_stdin(kGood, Bytes{10});
  CHECK(large.exit_code == kWrongManifest);
  CHECK(large.failure == "stdin is larger than 10 bytes (--manifest-limit allows more)");
}

TEST_CASE("mistakes are told with their place, and counted") {
  const Place place;
  place.write("m.json", "{\n \"version\": 1,\n \"tasks\": {\"a\": {\"shel\": \"true\", \"evry\": \"1s\"}}\n}");
  const ManifestReading reading = read_manifest({.path = "m.json"});
  CHECK(reading.exit_code == kWrongManifest);
  const std::string text = told(reading, {});
  CHECK(text.find("m.json:3:") != std::string::npos);
  CHECK(text.find("did you mean \"shell\"?") != std::string::npos);
  CHECK(text.ends_with("\n3 errors in m.json\n"));
  CHECK(told(reading, {.has_colour = true}).find(": \x1b[31merror:\x1b[0m ") != std::string::npos);
}

TEST_CASE("variables, env files and built-ins are those of this process") {
  const Place place;
  ::setenv("CLI_TEST_EVERY", "7s", 1);
  fs::create_directory("sub");
  place.write("sub/settings", "KEY=value\n");
  place.write("sub/m.json", R"({"version":1,"tasks":{"a":{"every":"${CLI_TEST_EVERY}","env_file":"settings",
      "builtin":"cleanup","with":{"directory":"/x","older_than":"1d"}}}})");
  const ManifestReading reading = read_manifest({.path = "sub/m.json"});
  INFO(told(reading, {}));
  REQUIRE(reading.exit_code == kDone);
  const TaskSpec& task = *reading.manifest.tasks.front();
  CHECK(describe(task.schedule) == "every 7s");
  CHECK(task.policy->env.back() == std::pair<std::string, std::string>("KEY", "value"));
  ::unsetenv("CLI_TEST_EVERY");
}

TEST_CASE("a program that is not there is a warning") {
  const Place place;
  place.write("tool", "#!/bin/sh\n");
  place.write("m.json", R"({"version":1,"tasks":{
      "a":{"command":["sh"]}, "b":{"command":["no-such-program"]},
      "c":{"command":["./tool"]}, "d":{"command":["/bin/sh"]}, "e":{"command":["/tmp"]},
      "f":{"command":["sh"],"env":{"PATH":"/nowhere"}}, "g":{"command":["sh"],"inherit_env":false}}})");
  const ManifestReading reading = read_manifest({.path = "m.json"});
  CHECK(reading.exit_code == kDone);
  CHECK(count_errors(reading) == 0);
  CHECK(count_warnings(reading) == 4);
  fs::permissions("tool", fs::perms::owner_all);
  CHECK(count_warnings(read_manifest({.path = "m.json"})) == 3);
}

TEST_CASE("a manifest that anyone may write is told") {
  const Place place;
  place.write("m.json", kGood);
  fs::permissions("m.json", fs::perms::others_write, fs::perm_options::add);
  const ManifestReading reading = read_manifest({.path = "m.json"});
  CHECK(count_errors(reading) + count_warnings(reading) == 1);
  CHECK((reading.exit_code == kWrongManifest) == (::geteuid() == 0));
}
