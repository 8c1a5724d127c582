#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "model/task_spec.h"
#include "report/history_file.h"
#include "report/json_lines.h"
#include "sys/file_watch.h"
#include "sys/tcp_listener.h"

namespace taskrun::daemon {

enum class OnStdoutClosed { stop, keep_on };

/// A manifest that was read again.
struct Rereading {
  std::optional<Manifest> manifest;  ///< as in Options; none: it is rejected
  bool is_unreadable = false;        ///< there was no text to be wrong
  Diagnostics errors;                ///< why it is rejected; one at 1:1 where it is unreadable
  std::size_t error_count = 0;       ///< at least as many
  sys::FileStamp stamp;              ///< of the file, just before it was read
};

/// What `taskrun start` and `taskrun once` have in common.
struct Options {
  Manifest manifest;  ///< its tasks are the ones to be run: already selected
  std::string instance;
  std::string state_directory;  ///< of this instance, there and ours alone; "" for nothing on disk
  std::string state_trouble;    ///< why there is none though it was wanted; "" for nothing
  report::Retention retention;  ///< of the history in there
  report::Durability durability = report::Durability::normal;
  report::EventFilter events = report::EventFilter::all;
  OnStdoutClosed on_stdout_closed = OnStdoutClosed::stop;

  // start
  bool is_selection = false;  ///< some of the manifest's tasks are left out, and so are those that clients have added
  std::string socket;         ///< absolute, in a directory that is there; "" for none
  bool needs_socket = false;  ///< it was asked for: without it nothing starts
  std::optional<sys::TcpAddress> http;  ///< where metrics and health are told over TCP; without it nothing starts
  std::vector<std::string> http_hosts;  ///< more names that it may be asked by there
  std::vector<Nanos> duration_bounds;   ///< of the buckets of task_duration_seconds, ascending; none: the usual ones
  /// Reads a task that a client brings, for a runner with that manifest; see cli/manifest_source.h.
  std::function<tl::expected<TaskSpecPtr, Diagnostics>(const std::string& name, const std::string& definition,
                                                       const Manifest& manifest)>
      read_task;
  /// Reads the manifest again, as it was read and selected at the start; tells on stderr what there is to tell of it.
  /// Called on a thread of its own. Null: it stays as it is.
  std::function<Rereading()> read_again;
  std::string manifest_path;      ///< as it was found: absolute, with its links; "" for stdin
  sys::FileStamp stamp;           ///< of the manifest that was read
  bool watches_manifest = false;  ///< read again when its file changes
  std::optional<Nanos> run_for;   ///< stop by itself after this long
  bool fail_on_error = false;

  // once
  bool once = false;        ///< run every task of the manifest now, whatever its schedule, then stop
  bool tee = false;         ///< a task's output also goes to stderr as it comes
  std::string result_file;  ///< where the runs' closing lines are written too; "" for nowhere
};

}  // namespace taskrun::daemon
