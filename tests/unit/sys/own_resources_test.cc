#include "sys/own_resources.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "sys/fd.h"

namespace taskrun::sys {
namespace {

TEST_CASE("A process knows what it uses") {
  const OwnResources before = read_own_resources();
  CHECK(before.resident_bytes > 100'000);
  CHECK(before.virtual_bytes > before.resident_bytes);
  CHECK(before.started_at > 1.7e9);
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(before.max_descriptors == limit.rlim_cur);

  const Fd one(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Fd another(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const OwnResources after = read_own_resources();
  CHECK(after.open_descriptors == before.open_descriptors + 2);
  CHECK(after.started_at == before.started_at);
  CHECK(after.cpu_seconds >= before.cpu_seconds);
}

}  // namespace
}  // namespace taskrun::sys
