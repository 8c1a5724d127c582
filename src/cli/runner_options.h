#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/history_options.h"
#include "cli/manifest_choice.h"
#include "cli/name.h"
#include "daemon/options.h"
#include "process/containment.h"
#include "report/json_lines.h"
#include "sys/tcp_listener.h"

/// What the commands that run tasks were asked to do, `start` and `once` (options.h has the others).
namespace taskrun::cli {

/// What `start` and `once` have in common.
struct RunnerOptions {
  ManifestChoice manifest;
  report::EventFilter events = report::EventFilter::all;
  daemon::OnStdoutClosed on_stdout_closed = daemon::OnStdoutClosed::stop;
  process::ContainmentChoice containment = process::ContainmentChoice::automatic;
  std::optional<Nanos> stop_timeout;  ///< none: the manifest's
};

/// Bounds of buckets: ascending, also as numbers of seconds, at most limits::kMetricBounds (base/metric_limits.h).
struct BucketBounds {
  std::vector<Nanos> list;  ///< none: the usual ones
};

/// Each control::is_host_name().
struct HostNameList {
  std::vector<std::string> list;
};

struct StartOptions {
  RunnerOptions runner;
  std::optional<Nanos> run_for;  ///< none: until it is told to stop
  bool watch = false;            ///< read the manifest again when its file changes
  bool fail_on_error = false;
  std::vector<std::string> only;
  std::vector<std::string> tags;
  Name instance;                     ///< none: the manifest's
  std::optional<std::string> state;  ///< none: the usual place (state_directory.h)
  bool no_state = false;
  KeepOptions history;
  std::optional<std::string> socket;  ///< none: the usual place (socket_place.h)
  std::optional<sys::TcpAddress> http;
  HostNameList http_hosts;
  BucketBounds metrics_buckets;
};

struct OnceOptions {
  RunnerOptions runner;
  std::vector<std::string> tasks;
  bool all = false;
  std::vector<std::string> tags;
  int jobs = 1;
  bool force = false;
  bool quiet = false;
  std::string result_file;  ///< "" for none
};

}  // namespace taskrun::cli
