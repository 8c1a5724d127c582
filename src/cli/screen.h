#pragma once

#include <string_view>

#include "cli/terminal.h"

namespace taskrun::cli {

/// A terminal as a sheet that is written over and over: the alternate screen, without a cursor, without wrapped lines.
/// What was on the terminal before is back after leave().
class Screen {
 public:
  /// `descriptor` is a terminal.
  explicit Screen(int descriptor) : descriptor_(descriptor) { enter(); }
  ~Screen() { leave(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void enter();
  void leave();
  /// Replaces everything by these lines, as many as there is room for. Returns an exit code: kDone, or kOutputFailed.
  [[nodiscard]] int draw(std::string_view lines);

 private:
  int descriptor_;
  bool is_entered_ = false;
};

}  // namespace taskrun::cli
