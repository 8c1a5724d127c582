#include "control/host_names.h"

#include <doctest/doctest.h>

namespace taskrun::control {
namespace {

const HostNames kLoopback({"127.0.0.1", 9464}, {});
const HostNames kEverywhere({"0.0.0.0", 9464}, {"Metrics.example.org", "node-1"});

TEST_CASE("On the loopback a runner is called by its addresses and localhost, whatever the port") {
  for (const char* host : {"127.0.0.1:9464", "127.0.0.1", "127.0.0.9:1", "localhost", "LocalHost.:80", "[::1]:9464",
                           "[::1]", "localhost:"}) {
    CAPTURE(host);
    CHECK(kLoopback.has(host));
  }
}

TEST_CASE("By any other name it is somebody else") {
  for (const char* host : {"evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.evil.example",
                           "10.0.0.1:9464", "localhost:9464:1", "localhost:x", "localhost@evil.example", "[::1", "[]",
                           "::1", "", ":9464", "metrics.example.org", "0.0.0.0"}) {
    CAPTURE(host);
    CHECK_FALSE(kLoopback.has(host));
  }
}

TEST_CASE("On the network any address is its own, and a name that it was given") {
  for (const char* host : {"10.0.0.1:9464", "[fe80::1]:9464", "localhost", "metrics.example.org",
                           "METRICS.example.ORG.:1", "node-1:9464"}) {
    CAPTURE(host);
    CHECK(kEverywhere.has(host));
  }
  for (const char* host : {"evil.example", "example.org", "node-10", ""}) CHECK_FALSE(kEverywhere.has(host));
}

TEST_CASE("A name that a request may have is told from what none has") {
  for (const char* name : {"a", "node-1", "Metrics.example.org", "a.b.", "under_score", "7", "127.0.0.1", "::1"}) {
    CAPTURE(name);
    CHECK(is_host_name(name));
    CHECK(HostNames({"127.0.0.1", 1}, {name}).has(name == std::string("::1") ? "[::1]:80" : name + std::string(":80")));
  }
  for (const char* name :
       {"", ".", "..", ".a", "a..b", "a:80", "[::1]", "*", "x y", "a/b", "a@b", "a\tb", "\xc3\xa4"}) {
    CAPTURE(name);
    CHECK_FALSE(is_host_name(name));
  }
}

TEST_CASE("Nobody is called anything where nothing listens") {
  CHECK_FALSE(HostNames().has("localhost"));
  CHECK_FALSE(HostNames().has("127.0.0.1"));
  CHECK_FALSE(HostNames().has(""));
}

unsigned status_of(std::vector<std::string> hosts, bool is_recent = true) {
  const Request request{.takes_chunks = is_recent, .hosts = std::move(hosts)};
  const auto refusal = refuse_host(request, kLoopback);
  return refusal ? refusal->status : 200;
}

TEST_CASE("A request is meant for one host, ours") {
  CHECK(status_of({"127.0.0.1:9464"}) == 200);
  CHECK(status_of({"evil.example"}) == 403);
  CHECK(status_of({}) == 400);
  CHECK(status_of({"127.0.0.1", "127.0.0.1"}) == 400);
  CHECK(status_of({"127.0.0.1", "evil.example"}) == 400);
  CHECK(status_of({}, false) == 200);  // HTTP/1.0 knew no hosts
  CHECK(status_of({"evil.example"}, false) == 403);
}

}  // namespace
}  // namespace taskrun::control
