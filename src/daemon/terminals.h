#pragma once

#include <vector>

namespace taskrun::daemon {

/// Which of the standard descriptors were terminals when the runner began.
class Terminals {
 public:
  Terminals();
  /// One that was there has gone away, and with it whoever looked.
  [[nodiscard]] bool has_one_gone() const;

 private:
  std::vector<int> descriptors_;
};

}  // namespace taskrun::daemon
