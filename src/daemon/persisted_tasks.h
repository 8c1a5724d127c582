#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/desk.h"
#include "daemon/options.h"
#include "daemon/state_file.h"

namespace taskrun::daemon {

/// The tasks that clients have added to stay: kept in the state directory, word for word as they came, and back at the
/// next start. One that does not come back then, because the manifest has one of its name or because it has become
/// wrong, is kept all the same, until somebody adds or removes a task of its name; where the manifest drops the name,
/// it is back.
///
///     taskrun-tasks 1 2
///     {"name":"probe","task":{"every":"10m","command":["probe"]}}
///     {"name":"sweep","task":{"cron":"0 4 * * *","shell":"sweep"}}
class PersistedTasks {
 public:
  using ReadTask = decltype(Options::read_task);

  /// For a runner without a state directory: keeps nothing.
  PersistedTasks() = default;
  /// What an earlier runner left in the directory is read here; see StateFile for what cannot be read.
  explicit PersistedTasks(const std::string& state_directory);

  /// Those that come back, in the order of their names; a warning names each that does not, and says why.
  [[nodiscard]] std::vector<TaskSpecPtr> restore(const Manifest& manifest, const ReadTask& read_task);

  /// The one of this name as it comes back by this manifest, which has none of its name any more; null where none is
  /// kept, or it has become wrong: then a warning says why.
  [[nodiscard]] TaskSpecPtr restore(std::string_view name, const Manifest& manifest, const ReadTask& read_task);

  /// Keeps the task: it is on disk when this returns. Blocks. Refused where there is no state directory, where there
  /// are too many already, or where it cannot be written: then nothing has changed.
  [[nodiscard]] tl::expected<void, control::Refused> keep(const control::NewTask& task, TaskSpecPtr spec);

  /// What is kept under the name is no more, on disk too when this returns. Blocks. Refused where that cannot be
  /// written: then nothing has changed.
  [[nodiscard]] tl::expected<void, control::Refused> forget(std::string_view name);

  /// Whether this definition is one that is kept.
  [[nodiscard]] bool has(const TaskSpecPtr& spec) const;

 private:
  struct Kept {
    std::string definition;
    TaskSpecPtr spec;  // null where it did not come back
  };
  using Tasks = std::map<std::string, Kept, std::less<>>;

  [[nodiscard]] static Result<Tasks> read(std::string_view text);
  [[nodiscard]] static std::string text_of(const Tasks& tasks);
  void bring_back(const std::string& name, Kept& kept, const Manifest& manifest, const ReadTask& read_task);
  [[nodiscard]] tl::expected<void, control::Refused> replace(Tasks tasks, const std::string& text);

  std::optional<StateFile> file_;
  bool is_blocked_ = false;  // what could be neither read nor set aside stands in the file's place
  Tasks tasks_;
};

}  // namespace taskrun::daemon
