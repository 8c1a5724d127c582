#include "control/http_message.h"

#include <optional>
#include <utility>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "base/limits.h"
#include "control/target.h"

namespace taskrun::control {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

// The parser reads what is complete and wants the rest again, with more behind it.
template <class Parser>
error_code put(Parser& parser, std::string& bytes) {
  error_code error;
  while (!bytes.empty() && !parser.is_done()) {
    const std::size_t used = parser.put(boost::asio::buffer(bytes), error);
    bytes.erase(0, used);
    if (error == http::error::need_more) return {};
    if (error || used == 0) return error;
  }
  return error;
}

Rejection rejection_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return {431, "head_too_large", fmt::format("the head is longer than {} bytes", limits::kControlHead)};
  }
  if (error == http::error::body_limit) {
    return {413, "body_too_large", "the body is larger than " + format_bytes(limits::kControlBody)};
  }
  return {400, "bad_request", "this is no HTTP/1.1 request: " + error.message()};
}

std::vector<std::string> values_of(const http::request<http::string_body>& message, http::field name) {
  std::vector<std::string> values;
  const auto [first, last] = message.equal_range(name);
  for (auto field = first; field != last; ++field) values.emplace_back(field->value());
  return values;
}

void take_absolute_form(Request& request) {
  auto absolute = parse_absolute_target(request.target);
  if (!absolute) return;
  const bool may_be_absent = !request.takes_chunks;
  const bool is_well = request.hosts.size() == 1 || (request.hosts.empty() && may_be_absent);
  if (is_well) request.hosts = {std::string(absolute->authority)};
  request.target = std::move(absolute->target);
}

std::string_view reason_of(unsigned status) {
  const auto reason = http::obsolete_reason(http::int_to_status(status));
  return {reason.data(), reason.size()};
}

}  // namespace

struct RequestReader::Parser {
  http::request_parser<http::string_body> http;
  Rejection rejection;
  bool has_begun = false;
  bool has_continued = false;
};

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {
  parser_->http.eager(true);
  parser_->http.header_limit(static_cast<std::uint32_t>(limits::kControlHead));
  parser_->http.body_limit(limits::kControlBody.count);
}
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::feed(std::string& bytes) {
  parser_->has_begun = parser_->has_begun || !bytes.empty();
  const error_code error = put(parser_->http, bytes);
  if (error) {
    parser_->rejection = rejection_of(error);
    return State::rejected;
  }
  return parser_->http.is_done() ? State::complete : State::reading;
}

bool RequestReader::has_begun() const { return parser_->has_begun; }

bool RequestReader::take_continue() {
  const auto& parser = parser_->http;
  if (!parser.is_header_done() || parser.is_done() || parser_->has_continued) return false;
  parser_->has_continued = boost::beast::iequals(parser.get()[http::field::expect], "100-continue");
  return parser_->has_continued;
}

Request RequestReader::take_request() {
  auto message = parser_->http.release();
  Request request{std::string(message.method_string()),
                  std::string(message.target()),
                  std::move(message.body()),
                  message.keep_alive(),
                  message.version() >= 11,
                  fmt::format("{}", fmt::join(values_of(message, http::field::accept), ", ")),
                  values_of(message, http::field::host)};
  take_absolute_form(request);
  return request;
}

const Rejection& RequestReader::rejection() const { return parser_->rejection; }

struct ReplyReader::Parser {
  http::response_parser<http::string_body> http;
};

ReplyReader::ReplyReader() : parser_(std::make_unique<Parser>()) {
  parser_->http.eager(true);
  parser_->http.body_limit(boost::none);
}
ReplyReader::ReplyReader(ReplyReader&&) noexcept = default;
ReplyReader& ReplyReader::operator=(ReplyReader&&) noexcept = default;
ReplyReader::~ReplyReader() = default;

Result<void> ReplyReader::feed(std::string& bytes) {
  if (const error_code error = put(parser_->http, bytes)) return fail("no HTTP answer: " + error.message());
  return {};
}

Result<void> ReplyReader::end() {
  error_code error;
  if (!parser_->http.is_done() && !parser_->http.got_some()) return fail("the connection was closed without an answer");
  if (!parser_->http.is_done()) parser_->http.put_eof(error);
  if (error) return fail("the answer was cut off");
  return {};
}

bool ReplyReader::is_complete() const { return parser_->http.is_done(); }

unsigned ReplyReader::status() const { return parser_->http.is_header_done() ? parser_->http.get().result_int() : 0; }

std::string ReplyReader::take_body() { return std::exchange(parser_->http.get().body(), ""); }

std::string to_bytes(const Reply& reply, bool keep_alive) {
  std::string allow = reply.allow.empty() ? "" : "Allow: " + reply.allow + "\r\n";
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Connection: {}\r\n\r\n{}",
                     reply.status, reason_of(reply.status), reply.type, reply.body.size(), allow,
                     keep_alive ? "keep-alive" : "close", reply.is_head_only ? "" : reply.body);
}

std::string chunked_head(std::string_view type, bool keep_alive) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\nConnection: {}\r\n\r\n",
                     type, keep_alive ? "keep-alive" : "close");
}

std::string unframed_head(std::string_view type) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nConnection: close\r\n\r\n", type);
}

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

std::string to_bytes(std::string_view method, std::string_view target, std::string_view body) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: taskrun\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      method, target, body.size(), body);
}

}  // namespace taskrun::control
