#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/input.h"
#include "model/event.h"

namespace taskrun::daemon {

/// By task. Ordered, so that the same marks are the same text.
using DueMarks = std::map<std::string, DueMark, std::less<>>;

/// Where the marks of due times outlive a runner.
class DueStore {
 public:
  virtual ~DueStore() = default;
  /// What an earlier runner left; empty where there was none, or what it left cannot be read.
  [[nodiscard]] virtual DueMarks load() = 0;
  /// Replaces what is stored as a whole, on disk when this returns. Blocks. On failure the old marks stand.
  [[nodiscard]] virtual Result<void> save(const DueMarks& marks) = 0;
};

/// One file of text in the state directory, mode 0600. One that cannot be read is set aside under a name with the date,
/// never deleted, and a warning tells.
[[nodiscard]] std::unique_ptr<DueStore> make_file_store(const std::string& state_directory);

/// For a runner without anything on disk.
[[nodiscard]] std::unique_ptr<DueStore> make_forgetful_store();

/// The marks of this runner's tasks: what the engine wants remembered is collected, and committed as one.
class DueRecord {
 public:
  explicit DueRecord(std::unique_ptr<DueStore> store);

  /// What an earlier runner left of this task, once. A task that nobody asks for by the first commit is forgotten.
  [[nodiscard]] std::optional<DueMark> take(std::string_view task);

  void remember(const engine::Remember& change);

  /// Stores what has changed since the last commit that succeeded; does nothing where nothing has. Blocks. Answers
  /// history_degraded when storing begins to fail, history_restored when it works again.
  [[nodiscard]] std::optional<Fact> commit();

 private:
  std::unique_ptr<DueStore> store_;
  DueMarks before_;  // of an earlier runner
  DueMarks marks_;
  bool has_changed_ = false;
  bool is_degraded_ = false;
};

}  // namespace taskrun::daemon
