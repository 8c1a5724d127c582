#include "cli/following.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "control/target.h"

namespace taskrun::cli {
namespace {

using std::chrono::milliseconds;

tl::unexpected<Trouble> internal(const Error& error) {
  return tl::unexpected(Trouble{kInternal, "internal", error.message});
}

Answered<control::EventStream> follow(const RunnerLink& link, std::uint64_t since, std::string_view task) {
  const std::string of_task = task.empty() ? "" : fmt::format("&task={}", control::escaped(task));
  return link.follow(fmt::format("/v1/events?since={}{}", since, of_task));
}

}  // namespace

Answered<Following> Following::begin(const RunnerLink& link, std::uint64_t since, std::string_view task,
                                     const std::vector<int>& signals) {
  auto events = follow(link, since, task);
  if (!events) return tl::unexpected(events.error());
  Following following(link, *std::move(events));
  const auto heeded = following.heed(signals);
  if (!heeded) return tl::unexpected(heeded.error());
  return following;
}

Answered<void> Following::heed(const std::vector<int>& signals) {
  if (signals.empty()) return {};
  auto made = sys::SignalReader::make(signals);
  if (!made) return internal(made.error());
  signals_ = *std::move(made);
  return {};
}

Answered<void> Following::begin_again(std::uint64_t since, std::string_view task) {
  auto events = follow(*link_, since, task);
  if (!events) return tl::unexpected(events.error());
  events_ = *std::move(events);
  heard_ = Clock::now();
  return {};
}

Answered<Following::Step> Following::next(std::optional<milliseconds> patience) {
  if (events_.has_ended()) return Step(End{});
  const auto left = std::chrono::ceil<milliseconds>(heard_ + kSilence - Clock::now());
  const auto most = std::max(std::min(patience.value_or(kSilence), left), milliseconds(0));
  std::array<pollfd, 2> ready{pollfd{events_.fd(), POLLIN, 0}, pollfd{signals_ ? signals_->fd() : -1, POLLIN, 0}};
  const int count = ::poll(ready.data(), ready.size(), events_.has_lines() ? 0 : static_cast<int>(most.count()));
  if (count < 0 && errno != EINTR) return internal(fail_errno("cannot wait for events", errno).value());
  if (const auto received = signals_ ? signals_->next() : std::nullopt) return Step(Signal{received->signal});
  if (count <= 0 && !events_.has_lines()) return silence();
  auto lines = events_.read();
  if (!lines) return no_runner(printable(lines.error().message, 500), lines.error().code);
  heard_ = Clock::now();
  return Step(Lines{*std::move(lines)});
}

// A runner that listens no more but still holds the stream is about to end, which takes it some seconds at most.
Answered<Following::Step> Following::silence() {
  if (Clock::now() < heard_ + kSilence) return Step(Silence{});
  const auto runner = link_->look(control::kPatience - kSilence);
  const bool has_answered = runner || runner.error().error_code == 0;
  const bool was_closing = std::exchange(is_closing_, !runner && runner.error().error_code == ECONNREFUSED);
  if (!has_answered && (!is_closing_ || was_closing)) return tl::unexpected(runner.error());
  heard_ = Clock::now();
  return Step(Silence{});
}

}  // namespace taskrun::cli
