#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/bytes.h"
#include "base/time.h"

namespace taskrun::tasks {

/// A file that a cleanup is about.
struct Candidate {
  std::string directory;  ///< relative to the directory to clean; "" for itself
  std::string name;
  Bytes size;
  WallTime modified;
  dev_t device = 0;
  ino_t inode = 0;
};

/// What decides which files go; at least one is set.
struct Criteria {
  std::optional<Nanos> older_than;
  std::optional<Bytes> max_total_size;
  std::optional<std::uint64_t> keep_newest;
};

/// Those of `candidates` that go, by directory and name. Files written at the same moment are told apart by their path,
/// so that two runs agree.
[[nodiscard]] std::vector<Candidate> choose(std::vector<Candidate> candidates, const Criteria& criteria, WallTime now);

}  // namespace taskrun::tasks
