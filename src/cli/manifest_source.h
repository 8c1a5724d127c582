#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "model/task_spec.h"
#include "sys/file_watch.h"

namespace taskrun::cli {

using IsWarnedOf = std::function<bool(const TaskSpec& task)>;
using Pools = decltype(Manifest::pools);

/// What came of a manifest that was asked for.
struct ManifestReading {
  /// kDone: `manifest` is complete. kNoInput: there is none to read. kWrongManifest: it has mistakes, or is too large.
  int exit_code = 0;
  std::string failure;  ///< why it could not be read; "" where it could
  Manifest manifest;
  Diagnostics diagnostics;  ///< errors and warnings, in the file's order
  std::size_t more_errors = 0;
  std::size_t more_warnings = 0;
  std::string name;      ///< as it is shown: "<stdin>" for "-"
  std::string path;      ///< canonical; "" for stdin
  std::string found;     ///< the same as it was found: absolute, its links in it
  sys::FileStamp stamp;  ///< of the file, just before it was read
};

/// Finds the manifest (the one that was named, else $TASKRUN_MANIFEST, else taskrun.json in the working directory or
/// its nearest parent that has one), reads and loads it. The only way to a manifest: every command sees the same
/// mistakes. `is_warned_of`: the tasks whose warnings are wanted; null: all.
[[nodiscard]] ManifestReading read_manifest(const ManifestChoice& choice, const IsWarnedOf& is_warned_of = nullptr);

/// The text of the manifest that is meant, unread.
[[nodiscard]] Result<std::string> read_manifest_text(const ManifestChoice& choice);

/// Everything that is to be said about a reading, in lines: the failure, the diagnostics, and how many there are. ""
/// where nothing is.
[[nodiscard]] std::string told(const ManifestReading& reading, const Terminal& terminal);

/// A task that a client brings: what would stand behind its name in a manifest. Read by the same rules as `reading`
/// was, with its pools, but without its defaults. The task, or what is wrong with it: places are those in the
/// definition, and its beginning where the task as a whole is meant.
[[nodiscard]] tl::expected<TaskSpecPtr, Diagnostics> read_task(const std::string& name, const std::string& definition,
                                                               const std::string& path, const Pools& pools);

/// What `check` would say of such a task, errors and warnings, with the same places. The pools are not known.
[[nodiscard]] Diagnostics remarks_on_task(const std::string& name, const std::string& definition);

[[nodiscard]] std::size_t count_errors(const ManifestReading& reading);
[[nodiscard]] std::size_t count_warnings(const ManifestReading& reading);

}  // namespace taskrun::cli
