#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "control/event_ring.h"
#include "control/server.h"
#include "daemon/engine_present.h"
#include "daemon/listeners.h"
#include "daemon/options.h"
#include "daemon/runner_desk.h"
#include "engine/engine.h"
#include "report/metrics.h"
#include "report/sink.h"

namespace taskrun::daemon {

/// Everything about a runner that can be asked: its socket and its port, whoever answers there, and the latest events.
class ControlPoint final : public report::Sink {
 public:
  ControlPoint(boost::asio::io_context& loop, const RunnerParts& runner, Listeners listeners, RunnerDesk::Submit submit)
      : listeners_(std::move(listeners)),
        http_hosts_(runner.options.http_hosts),
        events_(runner.options.instance),
        present_(runner.engine, runner.lag),
        metrics_(present_, runner.options.duration_bounds),
        desk_(runner, metrics_, std::move(submit)),
        server_(loop, desk_, events_) {}

  // Until open(): where that will be; "" for nowhere.
  [[nodiscard]] std::string socket() const { return listeners_.socket ? listeners_.socket->path() : ""; }
  [[nodiscard]] std::string http() const { return listeners_.http ? listeners_.http->address().text() : ""; }

  /// Answers from now on; who has connected before waits until then.
  void open() {
    Listeners listeners = std::exchange(listeners_, {});
    if (listeners.socket) server_.listen(*std::move(listeners.socket));
    if (listeners.http) server_.listen(*std::move(listeners.http), http_hosts_);
  }
  /// After the last event: tells subscribers so, and removes the socket.
  void close() { server_.finish(); }
  void answered(const engine::Reply& reply) { desk_.answered(reply); }
  /// The run has ended; record() tells of that once it is in the history.
  void put_off(const RunFinished& finished) { desk_.put_off(finished); }
  void drop(const Event& event) { events_.drop(event); }
  void record(const Event& event) override {
    desk_.record(event);
    metrics_.record(event);
    events_.record(event);
  }

 private:
  Listeners listeners_;
  const std::vector<std::string> http_hosts_;
  control::EventRing events_;
  EnginePresent present_;
  report::Metrics metrics_;
  RunnerDesk desk_;
  control::Server server_;
};

}  // namespace taskrun::daemon
