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

/// How long nothing may be heard of a runner that is followed before it is asked whether it is there. Its answer may
/// take what is left of control::kPatience, which is therefore the longest that anybody waits for a sign of life.
inline constexpr std::chrono::milliseconds kSilence = control::kPatience / 2;

/// Follows a runner's events, and may listen for signals meanwhile. The link must outlive it.
class Following {
 public:
  /// From the line after `since` on, of one task where `task` is not "". `signals` are blocked for good, and come from
  /// next().
  [[nodiscard]] static Answered<Following> begin(const RunnerLink& link, std::uint64_t since, std::string_view task,
                                                 const std::vector<int>& signals);

  /// From now on these signals, too, come from next().
  [[nodiscard]] Answered<void> heed(const std::vector<int>& signals);

  /// Begins once more, with the same signals: a reader that was too slow is cut off.
  [[nodiscard]] Answered<void> begin_again(std::uint64_t since, std::string_view task);

  struct Lines {
    std::vector<std::string> lines;  ///< without their newlines; perhaps none
  };
  struct Signal {
    int number;
  };
  struct Silence {};  ///< nothing came within the patience, or for kSilence; the runner is there
  struct End {};      ///< the runner has stopped
  using Step = std::variant<Lines, Signal, Silence, End>;

  /// What comes next; waits at most `patience`. Where nothing was heard for kSilence the runner is asked. Trouble:
  /// ECONNRESET where the stream broke (the runner went away, or this reader was too slow), ETIMEDOUT where the runner
  /// hangs.
  [[nodiscard]] Answered<Step> next(std::optional<std::chrono::milliseconds> patience = {});

 private:
  using Clock = std::chrono::steady_clock;

  Following(const RunnerLink& link, control::EventStream events) : link_(&link), events_(std::move(events)) {}
  [[nodiscard]] Answered<Step> silence();

  const RunnerLink* link_;
  control::EventStream events_;
  std::optional<sys::SignalReader> signals_;
  Clock::time_point heard_ = Clock::now();
  bool is_closing_ = false;  // nobody listened any more when it was asked last
};

}  // namespace taskrun::cli
