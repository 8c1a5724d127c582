#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/time.h"
#include "report/sink.h"
#include "sys/notify_socket.h"

namespace taskrun::daemon {

/// What a service manager put into the runner's environment (sd_notify(3), sd_watchdog_enabled(3)).
struct SupervisorSettings {
  std::string socket;                     ///< NOTIFY_SOCKET; "" for none
  std::optional<Nanos> watchdog_timeout;  ///< WATCHDOG_USEC

  /// The variables of this process. WATCHDOG_PID may name the keeper: that is whom the manager started.
  [[nodiscard]] static SupervisorSettings of_environment();
};

/// Tells the service manager what stands in the events: READY, RELOADING, STOPPING and, a second after something has
/// changed, STATUS; and from the loop, twice in each of its timeouts, that the loop turns (WATCHDOG). Where there is no
/// manager, or it does not listen, nothing happens.
class SupervisorNotices final : public report::Sink {
 public:
  SupervisorNotices(boost::asio::io_context& loop, const SupervisorSettings& settings);
  void record(const Event& event) override;
  /// A reload begins; that it has ended stands in its event.
  void reloading(MonoTime now);

 private:
  void on(const RunnerStarted& started);
  void on(const RunnerStopping& stopping);
  void on(const ManifestReloaded&);
  void on(const ManifestRejected&);
  void on(const TaskAdded&);
  void on(const TaskRemoved&);
  void on(const RunStarted& started);
  void on(const RunFinished& finished);
  template <class Other>
  void on(const Other&) {}

  void tell(std::string_view text) const;
  void has_changed();
  void tell_status();
  void feed_watchdog();

  std::optional<sys::NotifySocket> socket_;
  boost::asio::steady_timer watchdog_;
  boost::asio::steady_timer status_;
  std::optional<Nanos> feed_every_;
  bool has_status_coming_ = false;
  bool is_stopping_ = false;
  std::size_t tasks_ = 0;
  std::set<RunId> running_;
  std::string last_failure_;
};

}  // namespace taskrun::daemon
