#include "daemon/supervisor_notices.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace taskrun::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Nanos kStatusDelay = 1s;

std::optional<std::int64_t> number_in(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
  return error == std::errc{} && *end == '\0' && number > 0 ? std::optional(number) : std::nullopt;
}

}  // namespace

SupervisorSettings SupervisorSettings::of_environment() {
  SupervisorSettings settings;
  if (const char* socket = std::getenv("NOTIFY_SOCKET")) settings.socket = socket;
  const auto whom = number_in("WATCHDOG_PID");
  const bool is_for_us = !whom || *whom == ::getpid() || *whom == ::getppid();
  const auto timeout = number_in("WATCHDOG_USEC");
  if (timeout && is_for_us) settings.watchdog_timeout = std::chrono::microseconds(*timeout);
  return settings;
}

SupervisorNotices::SupervisorNotices(boost::asio::io_context& loop, const SupervisorSettings& settings)
    : watchdog_(loop), status_(loop) {
  if (settings.socket.empty()) return;
  auto socket = sys::NotifySocket::open(settings.socket);
  if (!socket) {
    spdlog::warn("{}", socket.error().message);
    return;
  }
  socket_ = *std::move(socket);
  if (settings.watchdog_timeout) feed_every_ = *settings.watchdog_timeout / 2;
}

void SupervisorNotices::record(const Event& event) {
  if (!socket_) return;
  std::visit([this](const auto& fact) { on(fact); }, event.fact);
}

void SupervisorNotices::on(const RunnerStarted&) {
  tell("READY=1");
  feed_watchdog();
}

void SupervisorNotices::on(const RunnerStopping& stopping) {
  is_stopping_ = true;
  tell(fmt::format("STOPPING=1\nSTATUS=stopping: {}", stopping.cause));
}

void SupervisorNotices::on(const ManifestReloaded&) { tell("READY=1"); }

void SupervisorNotices::on(const ManifestRejected&) { tell("READY=1"); }

void SupervisorNotices::on(const TaskAdded&) {
  ++tasks_;
  has_changed();
}

void SupervisorNotices::on(const TaskRemoved&) {
  --tasks_;
  has_changed();
}

void SupervisorNotices::on(const RunStarted& started) {
  running_.insert(started.run.id);
  has_changed();
}

void SupervisorNotices::on(const RunFinished& finished) {
  if (finished.outcome != Outcome::success) last_failure_ = finished.run.task.spec->name;
  if (finished.is_final) running_.erase(finished.run.id);
  has_changed();
}

void SupervisorNotices::reloading(MonoTime now) {
  if (!socket_) return;
  const auto usec = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", usec));
}

// What cannot be told is not needed: a manager that went away has other troubles.
void SupervisorNotices::tell(std::string_view text) const { static_cast<void>(socket_->send(text)); }

// One status stands for all that has changed in a second; nothing changes, nothing wakes us.
void SupervisorNotices::has_changed() {
  if (has_status_coming_ || is_stopping_) return;
  has_status_coming_ = true;
  status_.expires_after(kStatusDelay);
  status_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tell_status();
  });
}

void SupervisorNotices::tell_status() {
  has_status_coming_ = false;
  if (is_stopping_) return;
  std::string status = fmt::format("STATUS={} tasks, {} running", tasks_, running_.size());
  if (!last_failure_.empty()) status += ", last failure: " + last_failure_;
  tell(status);
}

void SupervisorNotices::feed_watchdog() {
  if (!feed_every_) return;
  tell("WATCHDOG=1");
  watchdog_.expires_after(*feed_every_);
  watchdog_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed_watchdog();
  });
}

}  // namespace taskrun::daemon
