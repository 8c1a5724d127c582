#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "daemon/control_point.h"
#include "daemon/history_writer.h"
#include "daemon/persisted_tasks.h"
#include "process/runner.h"
#include "report/chunk_writer.h"
#include "report/json_lines.h"
#include "sys/clock.h"
#include "sys/file_watch.h"
#include "sys/signals.h"

namespace taskrun::daemon {

/// What can fail to open, opened before the daemon begins.
struct Doors {
  report::JsonLines lines;
  report::ChunkWriter chunks;
  sys::SignalReader signals;
  sys::BootTimer deadline;
  sys::WallTimer wall_deadline;
  FoundHistory history;
  /// Makes the one door to processes on the daemon's loop.
  std::function<Result<std::unique_ptr<process::Runner>>(boost::asio::io_context& loop, process::Listener& listener)>
      make_runner;
  std::string containment;   ///< its name, for runner_started
  Listeners listeners = {};  ///< where clients connect; none: nobody can ask
  PersistedTasks persisted = {};
  std::optional<sys::TcpListener> http = std::nullopt;          ///< where metrics and health are asked for
  std::optional<sys::FileWatch> manifest_watch = std::nullopt;  ///< none: nobody looks whether it changes
};

}  // namespace taskrun::daemon
