#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/outcome.h"
#include "process/child.h"
#include "process/credentials.h"
#include "process/launch.h"

namespace taskrun::process {

/// A Launch, turned into what the child needs: users looked up, paths to try listed, limits in the kernel's units.
/// Points into the Launch it was made from, which outlives it.
class Plan {
 public:
  /// `limits` are those of the launch that no cgroup enforces; `open_files` is the limit of descriptors for a task that
  /// names none. Fails with "finding user 'x': no such user".
  [[nodiscard]] static tl::expected<Plan, StartFailure> make(const Launch& launch, const ResourceLimits& limits,
                                                             std::optional<std::uint64_t> open_files);

  /// Everything but the descriptors. Valid while the plan stays where it is.
  [[nodiscard]] ChildOrders orders();
  /// What went wrong, in words: stage, object, reason.
  [[nodiscard]] StartFailure describe(const ChildFailure& failure) const;
  [[nodiscard]] const std::optional<Credentials>& credentials() const { return credentials_; }

 private:
  explicit Plan(const Launch& launch) : launch_(&launch) {}
  [[nodiscard]] std::string explain_execution(const ChildFailure& failure) const;
  [[nodiscard]] std::string interpreter_at(const std::string& path) const;

  const Launch* launch_;
  std::vector<std::string> paths_;
  std::vector<const char*> path_pointers_;
  std::vector<const char*> argument_pointers_;
  std::vector<const char*> environment_pointers_;
  std::vector<LimitOrder> limits_;
  std::optional<Credentials> credentials_;
  std::vector<gid_t> groups_read_back_;
};

/// The paths under which a program is looked for: itself where it holds a slash, else below each entry of `path`, the
/// value of PATH; nothing: what the C library takes where there is no such variable.
[[nodiscard]] std::vector<std::string> paths_of(const std::string& program, std::optional<std::string_view> path);

}  // namespace taskrun::process
