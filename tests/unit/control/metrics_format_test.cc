#include "control/metrics_format.h"

#include <doctest/doctest.h>

namespace taskrun::control {
namespace {

TEST_CASE("OpenMetrics is for those who name it and like it no less than plain text") {
  struct Case {
    const char* accept;
    bool is_open;
  };
  for (const auto& [accept, is_open] : {
           Case{"", false},
           Case{"*/*", false},
           Case{"text/plain", false},
           Case{"application/json", false},
           Case{"application/openmetrics-text", true},
           Case{"Application/OpenMetrics-Text ; version=1.0.0", true},
           Case{"application/openmetrics-text, text/plain", true},
           Case{"text/plain;q=0.5, application/openmetrics-text;q=0.4", false},
           Case{"text/plain;q=0.4, application/openmetrics-text; version=0.0.1; q=0.5", true},
           Case{"application/openmetrics-text;q=0, */*", false},
           Case{"application/openmetrics-text;q=", false},
           Case{"application/openmetrics-text;q=x", false},
           Case{"application/openmetrics-text2", false},
           Case{",;,=,q=1;", false},
           // What Prometheus sends.
           Case{"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                true},
       }) {
    CAPTURE(accept);
    CHECK(prefers_openmetrics(accept) == is_open);
  }
}

}  // namespace
}  // namespace taskrun::control
