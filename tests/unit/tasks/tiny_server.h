#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/// An HTTP server on a loopback port: answers one connection after the other with the texts it is given, then refuses.
/// An empty text is silence until the server ends.
class TinyServer {
 public:
  explicit TinyServer(std::vector<std::string> responses)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), responses_(std::move(responses)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, generic, sizeof address) == 0);
    REQUIRE(::listen(listener_, 16) == 0);
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(listener_, generic, &length) == 0);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TinyServer() { end(); }
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }

  /// What was asked, in order; the server has ended then.
  const std::vector<std::string>& requests() {
    end();
    return requests_;
  }

 private:
  void serve() {
    for (const std::string& response : responses_) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      requests_.push_back(read_request(connection));
      if (response.empty()) {
        silent_.push_back(connection);
        continue;
      }
      std::string_view rest = response;
      while (!rest.empty()) {
        const ssize_t sent = ::send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
      ::close(connection);
    }
  }

  static std::string read_request(int connection) {
    std::string request;
    char chunk[4096];
    for (;;) {
      const ssize_t got = ::recv(connection, chunk, sizeof chunk, 0);
      if (got <= 0) return request;
      request.append(chunk, static_cast<std::size_t>(got));
      const std::size_t end = request.find("\r\n\r\n");
      if (end != std::string::npos && request.size() >= end + 4 + content_length(request)) return request;
    }
  }

  static std::size_t content_length(const std::string& request) {
    const std::string_view name = "Content-Length: ";
    const std::size_t at = request.find(name);
    return at == std::string::npos ? 0 : std::strtoul(request.c_str() + at + name.size(), nullptr, 10);
  }

  void end() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int connection : silent_) ::close(connection);
  }

  int listener_;
  int port_ = 0;
  std::vector<std::string> responses_;
  std::vector<std::string> requests_;
  std::vector<int> silent_;
  std::thread thread_;
};
