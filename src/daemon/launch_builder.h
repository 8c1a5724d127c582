#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/action.h"
#include "model/event.h"
#include "process/launch.h"

namespace taskrun::daemon {

/// Makes the process starts that the engine asks for: pure, so every variable of a task can be tested.
class LaunchBuilder {
 public:
  /// `environment`: the runner's own, "NAME=value" each. `tee`: see Options.
  LaunchBuilder(std::span<const char* const> environment, bool tee);
  [[nodiscard]] static LaunchBuilder of_this_process(bool tee);

  /// What they answer refers to variables of this builder.
  [[nodiscard]] process::Launch build(const engine::StartAttempt& start) const;
  [[nodiscard]] process::Launch build(const engine::StartHook& start) const;

 private:
  [[nodiscard]] process::Launch launch_of(const What& what, const RunRef& run, const Variables& more) const;
  void add_environment(process::Launch& launch, const InheritEnv& inherit, const Variables& own) const;

  struct Inherited {
    std::string line;  ///< "NAME=value"
    std::size_t name_length;
  };
  std::vector<Inherited> inherited_;
  bool tee_;
};

}  // namespace taskrun::daemon
