#include "sys/tcp_listener.h"

#include <cerrno>
#include <string>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace taskrun::sys {
namespace {

std::string read_back(std::string_view text) {
  const auto address = parse_tcp_address(text);
  return address ? address->text() : address.error().message + " (" + address.error().hint + ")";
}

TEST_CASE("An address and a port are read, a port alone is meant on the loopback") {
  CHECK(read_back("127.0.0.1:9464") == "127.0.0.1:9464");
  CHECK(read_back("[::1]:9464") == "[::1]:9464");
  CHECK(read_back("0.0.0.0:0") == "0.0.0.0:0");
  CHECK(read_back("[::]:65535") == "[::]:65535");
  CHECK(read_back("localhost:80") == "127.0.0.1:80");
  CHECK(read_back("9464") == "127.0.0.1:9464");
}

TEST_CASE("What is no address is told, with what to write") {
  const std::string example = " (write ADDRESS:PORT, for example \"127.0.0.1:9464\" or \"[::1]:9464\")";
  CHECK(read_back(":9464") ==
        "':9464' is no address: which one is meant? (write \"127.0.0.1:9464\", or \"0.0.0.0:9464\" for all of this "
        "machine)");
  CHECK(read_back("*:1").starts_with("'*:1' is no address: which one is meant?"));
  CHECK(read_back("127.0.0.1") == "'127.0.0.1' is no address: the port is missing" + example);
  CHECK(read_back("") == "'' is no address: the port is missing" + example);
  CHECK(read_back("[::1]") == "'[::1]' is no address: the port is missing" + example);
  CHECK(read_back("::1:9464") == "'::1:9464' is no address: the port is missing" + example);
  for (const char* port : {"65536", "-1", "", "9464x", " 1", "+1", "0x10"}) {
    CAPTURE(port);
    CHECK(read_back(std::string("127.0.0.1:") + port).find(": a port is a number from 0 to 65535") !=
          std::string::npos);
  }
  for (const char* ip : {"example.com", "127.1", "256.0.0.1", "::g", "[127.0.0.1]", "[::g]", "[]", "1.2.3.4 "}) {
    CAPTURE(ip);
    CHECK(read_back(std::string(ip) + ":80").find("it is neither IPv4 nor IPv6") != std::string::npos);
  }
}

TEST_CASE("It is known which addresses this machine alone reaches") {
  for (const char* inside : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) CHECK(is_loopback(inside));
  for (const char* outside : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1", "127::1"}) {
    CHECK_FALSE(is_loopback(outside));
  }
  CHECK_FALSE(is_ip_address("localhost"));
  CHECK_FALSE(is_ip_address(std::string_view("::1\0x", 5)));
}

TEST_CASE("A listener has the port that it asked for, or a free one, alone") {
  const auto listener = TcpListener::open({});
  REQUIRE(listener.has_value());
  const TcpAddress place = listener->address();
  CHECK(place.port != 0);
  const auto second = TcpListener::open(place);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == EADDRINUSE);
  CHECK(second.error().message == "cannot listen on '" + place.text() + "': Address already in use");
  CHECK(listener->accept().error().code == EAGAIN);

  const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(place.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(client.get(), static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address) == 0);
  const auto peer = listener->accept();
  REQUIRE(peer.has_value());
  int sends_at_once = 0;
  socklen_t size = sizeof sends_at_once;
  REQUIRE(::getsockopt(peer->get(), IPPROTO_TCP, TCP_NODELAY, &sends_at_once, &size) == 0);
  CHECK(sends_at_once == 1);
}

}  // namespace
}  // namespace taskrun::sys
