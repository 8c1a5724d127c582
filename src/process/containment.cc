#include "process/containment.h"

#include <cerrno>

#include <sys/prctl.h>

#include "process/cgroup_base.h"
#include "process/cgroup_containment.h"
#include "process/subreaper.h"

namespace taskrun::process {
namespace {

Result<std::unique_ptr<Containment>> make_cgroup_containment() {
  auto base = make_cgroup_base();
  if (!base) return tl::unexpected(base.error());
  auto containment = std::make_unique<CgroupContainment>(std::move(*base));
  if (auto enters = containment->check_entry(); !enters) return tl::unexpected(enters.error());
  return containment;
}

Result<std::unique_ptr<Containment>> make_subreaper() {
  return sys::OwnChildren::make().map([](sys::OwnChildren children) -> std::unique_ptr<Containment> {
    return std::make_unique<Subreaper>(std::move(children));
  });
}

tl::unexpected<Error> fail_choice(const char* kind, const Error& reason) {
  return fail(std::string("cannot contain tasks by ") + kind + ": " + reason.message, reason.code);
}

}  // namespace

Result<std::unique_ptr<Containment>> choose_containment(ContainmentChoice choice) {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail_errno("cannot become a subreaper", errno);
  if (choice != ContainmentChoice::subreaper) {
    auto cgroup = make_cgroup_containment();
    if (cgroup) return cgroup;
    if (choice == ContainmentChoice::cgroup) return fail_choice("cgroup", cgroup.error());
  }
  auto subreaper = make_subreaper();
  return subreaper ? std::move(subreaper) : fail_choice("subreaper", subreaper.error());
}

}  // namespace taskrun::process
