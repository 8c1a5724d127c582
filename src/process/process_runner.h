#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "base/result.h"
#include "process/containment.h"
#include "process/runner.h"

namespace taskrun::process {

struct RunnerSettings {
  /// The limit of open descriptors that tasks start with (sys::raise_descriptor_limit); none: the runner's.
  std::optional<std::uint64_t> open_files;
};

/// The Runner on real processes. It belongs to the first thread of the process, is made after the dispositions of
/// signals have been set, and reaps every child of the process, whoever started it.
/// Its end sends SIGKILL to what still runs, and waits for nothing. `loop` and `listener` outlive it.
/// Fails when memory or descriptors run out.
[[nodiscard]] Result<std::unique_ptr<Runner>> make_runner(boost::asio::io_context& loop, Listener& listener,
                                                          std::unique_ptr<Containment> containment,
                                                          const RunnerSettings& settings);

}  // namespace taskrun::process
