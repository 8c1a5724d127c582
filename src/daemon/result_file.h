#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "report/sink.h"

namespace taskrun::daemon {

/// `once --result-file`: the line that closes each run (its final run_finished, or run_skipped), numbered from 1, in a
/// file that appears as a whole when all runs have ended; only its owner may read it, for a result is whatever a task
/// said.
class ResultFile : public report::Sink {
 public:
  explicit ResultFile(std::string path) : path_(std::move(path)) {}
  void record(const Event& event) override;
  /// Writes the file; nothing where no path was given.
  [[nodiscard]] Result<void> write() const;

 private:
  std::string path_;
  std::string lines_;
  std::uint64_t next_seq_ = 1;
};

}  // namespace taskrun::daemon
