#include "sys/cgroup.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace taskrun::sys {
namespace {

struct Placing {
  const char* given;
  const char* mountinfo;
  const char* membership;
  const char* expected;
};

TEST_CASE("our own group is found wherever the filesystem is mounted") {
  const Placing cases[] = {
      {"usual place", "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
       "0::/system.slice/taskrun.service\n", "/sys/fs/cgroup/system.slice/taskrun.service"},
      {"beside version 1",
       "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
       "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
       "8:pids:/a\n1:cpu:/b\n0::/\n", "/sys/fs/cgroup/unified"},
      {"a part of it mounted in a container", "30 23 0:26 /docker/ab /sys/fs/cgroup ro - cgroup2 cgroup ro\n",
       "0::/docker/ab/inner\n", "/sys/fs/cgroup/inner"},
      {"that part itself", "30 23 0:26 /docker/ab /sys/fs/cgroup ro - cgroup2 cgroup ro\n", "0::/docker/ab\n",
       "/sys/fs/cgroup"},
      {"the first mount shows another part",
       "30 23 0:26 /docker/a /one ro - cgroup2 cgroup ro\n31 23 0:26 / /two ro - cgroup2 cgroup ro\n",
       "0::/docker/ab\n", "/two/docker/ab"},
      {"a blank in the path", "30 23 0:26 / /my\\040groups rw master:1 shared:2 - cgroup2 none rw\n", "0::/x\n",
       "/my groups/x"},
      {"outside of our namespace", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/../other\n", ""},
      {"version 1 only", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", "1:cpu:/\n", ""},
      {"no /proc", "", "", ""},
  };
  for (const Placing& placing : cases) {
    CAPTURE(placing.given);
    CHECK(own_cgroup_of(placing.mountinfo, placing.membership) == placing.expected);
  }
}

// A group for one test below our own, or nothing where the machine has none to write to.
std::optional<Cgroup> make_test_group() {
  const auto own = find_own_cgroup();
  auto group =
      own ? Cgroup::make(*own + "/taskrun-unit-test-" + std::to_string(getpid())) : tl::unexpected(own.error());
  if (group) return std::move(*group);
  MESSAGE("not checked, no cgroup v2 to write to: " << group.error().message);
  return std::nullopt;
}

TEST_CASE("a group knows, lists and kills what is in it and below it") {
  auto group = make_test_group();
  if (!group) return;
  CHECK_FALSE(group->is_populated());
  CHECK(group->processes().empty());
  CHECK(Cgroup::make(group->path()).error().code == EEXIST);
  {
    const Cgroup below = Cgroup::make(group->path() + "/below").value();
    const pid_t pid = fork();
    if (pid == 0) {
      for (;;) pause();
    }
    REQUIRE(below.write("cgroup.procs", std::to_string(pid)));
    CHECK(group->is_populated());
    CHECK(group->processes() == std::vector<pid_t>{pid});
    CHECK(group->count_in("cgroup.events", "populated") == 1);
    CHECK(group->remove().error().code == EBUSY);
    REQUIRE(group->kill());
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WTERMSIG(status) == SIGKILL);
  }
  CHECK(group->remove());
  CHECK(access(group->path().c_str(), F_OK) == -1);
  CHECK(group->remove());
}

TEST_CASE("a limit that the group has no file for is an error") {
  auto group = make_test_group();
  if (!group) return;
  CHECK(group->write("nosuch.max", "1").error().message == "cannot write 'nosuch.max': No such file or directory");
  CHECK(group->count_in("nosuch.events", "oom_kill") == 0);
  CHECK(group->remove());
}

}  // namespace
}  // namespace taskrun::sys
