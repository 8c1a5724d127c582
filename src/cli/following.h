#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/runner_link.h"
#include "sys/signals.h"

namespace taskrun::cli {

/// Follows a runner's events, and may listen for signals meanwhile.
class Following {
 public:
  /// From the line after `since` on, of one task where `task` is not "". `signals` are blocked for good, and come from
  /// next().
  [[nodiscard]] static Answered<Following> begin(const RunnerLink& link, std::uint64_t since, std::string_view task,
                                                 const std::vector<int>& signals);

  /// Begins once more, with the same signals: a reader that was too slow is cut off.
  [[nodiscard]] Answered<void> begin_again(const RunnerLink& link, std::uint64_t since, std::string_view task);

  struct Lines {
    std::vector<std::string> lines;  ///< without their newlines; perhaps none
  };
  struct Signal {
    int number;
  };
  struct Silence {};  ///< nothing came within the patience
  struct End {};      ///< the runner has stopped
  using Step = std::variant<Lines, Signal, Silence, End>;

  /// What comes next; waits at most `patience`, for ever where there is none. Trouble: the runner went away.
  [[nodiscard]] Answered<Step> next(std::optional<std::chrono::milliseconds> patience = {});

 private:
  Following(control::EventStream events, std::optional<sys::SignalReader> signals)
      : events_(std::move(events)), signals_(std::move(signals)) {}

  control::EventStream events_;
  std::optional<sys::SignalReader> signals_;
};

}  // namespace taskrun::cli
