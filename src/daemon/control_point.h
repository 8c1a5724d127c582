#pragma once

#include <functional>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "control/event_ring.h"
#include "control/server.h"
#include "daemon/engine_present.h"
#include "daemon/options.h"
#include "daemon/runner_desk.h"
#include "engine/engine.h"
#include "report/metrics.h"
#include "report/sink.h"
#include "sys/unix_socket.h"

namespace taskrun::daemon {

/// Everything about a runner that can be asked: its socket, whoever answers there, and the latest events.
class ControlPoint final : public report::Sink {
 public:
  ControlPoint(boost::asio::io_context& loop, const RunnerParts& runner, sys::UnixListener listener,
               RunnerDesk::Submit submit)
      : listener_(std::move(listener)),
        events_(runner.options.instance),
        present_(runner.engine, runner.lag),
        metrics_(present_),
        desk_(runner, metrics_, std::move(submit)),
        server_(loop, desk_, events_) {}

  /// Answers from now on; who has connected before waits until then.
  void open() { server_.listen(*std::exchange(listener_, std::nullopt)); }
  /// After the last event: tells subscribers so, and removes the socket.
  void close() { server_.finish(); }
  void answered(const engine::Reply& reply) { desk_.answered(reply); }
  void record(const Event& event) override {
    desk_.record(event);
    metrics_.record(event);
    events_.record(event);
  }

 private:
  std::optional<sys::UnixListener> listener_;
  control::EventRing events_;
  EnginePresent present_;
  report::Metrics metrics_;
  RunnerDesk desk_;
  control::Server server_;
};

}  // namespace taskrun::daemon
