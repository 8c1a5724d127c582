#include "cli/following.h"

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
  std::optional<sys::SignalReader> reader;
  if (!signals.empty()) {
    auto made = sys::SignalReader::make(signals);
    if (!made) return internal(made.error());
    reader = *std::move(made);
  }
  auto events = follow(link, since, task);
  if (!events) return tl::unexpected(events.error());
  return Following(*std::move(events), std::move(reader));
}

Answered<void> Following::begin_again(const RunnerLink& link, std::uint64_t since, std::string_view task) {
  auto events = follow(link, since, task);
  if (!events) return tl::unexpected(events.error());
  events_ = *std::move(events);
  return {};
}

Answered<Following::Step> Following::next(std::optional<std::chrono::milliseconds> patience) {
  if (events_.has_ended()) return Step(End{});
  std::array<pollfd, 2> ready{pollfd{events_.fd(), POLLIN, 0}, pollfd{signals_ ? signals_->fd() : -1, POLLIN, 0}};
  const int wait = events_.has_lines() ? 0 : patience ? static_cast<int>(patience->count()) : -1;
  const int count = ::poll(ready.data(), ready.size(), wait);
  if (count < 0 && errno != EINTR) return internal(fail_errno("cannot wait for events", errno).value());
  if (const auto received = signals_ ? signals_->next() : std::nullopt) return Step(Signal{received->signal});
  if (ready[0].revents == 0 && !events_.has_lines()) return Step(Silence{});
  auto lines = events_.read();
  if (!lines) return no_runner(printable(lines.error().message, 500));
  return Step(Lines{*std::move(lines)});
}

}  // namespace taskrun::cli
