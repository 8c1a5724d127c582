#include "base/signals.h"

#include <csignal>

#include <doctest/doctest.h>

namespace taskrun {
namespace {

TEST_CASE("A signal is told by its name") {
  CHECK(signal_name(SIGTERM) == "SIGTERM");
  CHECK(signal_name(SIGKILL) == "SIGKILL");
  CHECK(signal_name(SIGHUP) == "SIGHUP");
  CHECK(signal_name(SIGRTMIN) == "SIGRTMIN");
  CHECK(signal_name(SIGRTMIN + 3) == "SIGRTMIN+3");
  CHECK(signal_name(0) == "SIG0");
  CHECK(signal_name(99) == "SIG99");
}

TEST_CASE("A signal is read with and without SIG") {
  CHECK(parse_signal("TERM") == SIGTERM);
  CHECK(parse_signal("SIGTERM") == SIGTERM);
  CHECK(parse_signal("USR1") == SIGUSR1);
  CHECK(parse_signal("RTMIN") == SIGRTMIN);
  CHECK(parse_signal("SIGRTMIN+3") == SIGRTMIN + 3);
}

TEST_CASE("What is no signal is none") {
  for (const char* text : {"", "SIG", "term", "15", "SIGSIGTERM", "TERM ", "SIGNOPE", "RTMIN+", "RTMIN+x", "RTMIN+3x",
                           "RTMIN-1", "RTMIN+-1", "RTMIN+99", "RTMIN+99999999999", "RTMINx"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_signal(text).has_value());
  }
}

TEST_CASE("Every signal's name is read back") {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (signal >= 32 && signal < SIGRTMIN) continue;  // the C library's own
    CAPTURE(signal);
    CHECK(parse_signal(signal_name(signal)) == signal);
  }
}

}  // namespace
}  // namespace taskrun
