#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/trouble.h"

/// A runner's answers, read (docs/control.md has their shapes). What the commands do not need is left out. Every text
/// in them is printable. An answer that has another shape is that of no runner.
namespace taskrun::cli {

struct RunnerSeen {
  std::string instance;
  std::string version;
  int pid = 0;
  WallTime started_at;
  std::size_t tasks = 0;
  std::size_t paused = 0;
  std::size_t running = 0;
  bool is_stopping = false;
  std::uint64_t seq = 0;
  std::string manifest;        ///< its path; "" where it came from stdin
  std::string manifest_error;  ///< "" where the manifest that was read last is in force
};

struct RunSeen {
  std::string id;
  std::string state;
  std::optional<WallTime> started_at;
};

struct LastRunSeen {
  std::string id;
  std::string outcome;
  WallTime started_at;
  Nanos duration{};
  std::optional<int> exit_code;
  std::string signal;
  std::string error;
  std::string start_failure;
};

struct TaskSeen {
  std::string name;
  unsigned id = 0;
  std::string state;
  bool is_paused = false;
  std::optional<WallTime> next_run_at;
  std::vector<RunSeen> runs;
  std::optional<LastRunSeen> last_run;
};

[[nodiscard]] Answered<RunnerSeen> read_runner(std::string_view body);
[[nodiscard]] Answered<TaskSeen> read_task(std::string_view body);
[[nodiscard]] Answered<std::vector<TaskSeen>> read_tasks(std::string_view body);
[[nodiscard]] Answered<LastRunSeen> read_last_run(std::string_view json);

/// One member of the answer's object.
[[nodiscard]] Answered<std::string> read_text(std::string_view body, const char* key);
[[nodiscard]] Answered<bool> read_truth(std::string_view body, const char* key);
[[nodiscard]] Answered<std::uint64_t> read_count(std::string_view body, const char* key);

}  // namespace taskrun::cli
