#include "daemon/manifest_watch.h"

#include <algorithm>
#include <utility>

#include "daemon/borrowed.h"

namespace taskrun::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kRest = 200ms;  // of silence
constexpr auto kLongest = 2s;  // after the first change

}  // namespace

ManifestWatch::ManifestWatch(boost::asio::io_context& loop, sys::FileWatch watch, std::function<void()> settled)
    : watch_(std::move(watch)), settled_(std::move(settled)), descriptor_(loop, borrowed(watch_.fd())), rest_(loop) {
  wait();
  has_changed();  // perhaps, since it was read
}

void ManifestWatch::wait() {
  descriptor_.async_wait(descriptor_.wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    if (watch_.consume()) has_changed();
    wait();
  });
}

void ManifestWatch::has_changed() {
  const auto now = boost::asio::steady_timer::clock_type::now();
  if (!std::exchange(is_restless_, true)) latest_ = now + kLongest;
  rest_.expires_at(std::min(now + kRest, latest_));
  rest_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    is_restless_ = false;
    settled_();
  });
}

}  // namespace taskrun::daemon
