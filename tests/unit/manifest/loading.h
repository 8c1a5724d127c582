#pragma once

#include <map>
#include <string>
#include <string_view>

#include "manifest/manifest.h"

/// A made-up world for the loader's tests.
namespace taskrun::manifest {

struct World {
  std::map<std::string, std::string> variables{{"PATH", "/usr/bin:/bin"}};
  std::map<std::string, std::string> env_files;
  std::map<std::string, int> programs_asked;  ///< how often; "absent" is the only one that is not there
  std::map<std::string, int> accounts_asked;  ///< "USER:GROUP"; neither has an "absent"
  std::string local_zone = "UTC";             ///< "" for one that is not known
  std::optional<WallTime> now = WallTime(std::chrono::seconds(1'795'273'200));  ///< 2026-11-21T15:00:00Z
  bool is_root = true;                                                          ///< else nobody can be had but "self"
  bool is_writable_by_others = false;

  [[nodiscard]] Surroundings surroundings();
  [[nodiscard]] Loaded load(std::string_view text);
};

/// The built-ins of the made-up world: one with an argument of each type, one with none.
[[nodiscard]] std::span<const KnownBuiltin> known_builtins();

/// Loads what must be valid, and tells the test what is not.
[[nodiscard]] Manifest load_valid(std::string_view text, World world = {});

/// {"tasks": {"t": TASK}}
[[nodiscard]] std::string one_task(std::string_view task);

/// The only task of a manifest with this task in it.
[[nodiscard]] TaskSpec load_task(std::string_view task, World world = {});

/// "LINE:COL MESSAGE" and, after " | ", the hint; a line for each diagnostic.
[[nodiscard]] std::string told(const Loaded& loaded);

/// The directory tests/data.
[[nodiscard]] std::string test_data();
[[nodiscard]] std::string read_test_file(const std::string& name);

}  // namespace taskrun::manifest
