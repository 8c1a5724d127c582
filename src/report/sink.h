#pragma once

#include "model/event.h"

namespace taskrun::report {

/// Whoever wants to know what happens: the JSON lines, later the history, the metrics, the subscribers. Called in the
/// order of the facts, on the loop's thread; must neither block nor fail.
struct Sink {
  virtual ~Sink() = default;
  virtual void record(const Event& event) = 0;
};

}  // namespace taskrun::report
