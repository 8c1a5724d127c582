#include "tasks/http_request.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::tasks {
namespace {

constexpr long kLowestStatus = 100;
constexpr long kHighestStatus = 599;

std::optional<long> parse_status(std::string_view text) {
  long status = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || status < kLowestStatus || status > kHighestStatus) return std::nullopt;
  return status;
}

// A "token" of RFC 9110, 5.6.2.
bool is_header_name(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// A line end in a value would begin a header of the value's own.
Result<std::string> header_line(std::string_view name, std::string_view value) {
  if (!is_header_name(name)) return fail(fmt::format("'{}' is not a header's name", printable(name)));
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return fail(fmt::format("the value of header '{}' holds a line end or a NUL", name));
  }
  // libcurl spells a header without a value with a semicolon.
  return value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value);
}

Result<std::vector<std::string>> plain_headers(const Arguments::Object& headers) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : headers) {
    Result<std::string> line = header_line(name, value);
    if (!line) return tl::unexpected(line.error());
    lines.push_back(*std::move(line));
  }
  return lines;
}

Result<std::vector<std::string>> headers_from_environment(const Arguments::Object& headers) {
  Arguments::Object values;
  for (const auto& [name, variable] : headers) {
    const char* const value = std::getenv(variable.c_str());
    if (value == nullptr) {
      return fail(
          fmt::format("header '{}' wants the variable {}, which is not set", printable(name), printable(variable)));
    }
    values.emplace_back(name, value);
  }
  return plain_headers(values);
}

Result<std::vector<StatusRange>> status_ranges(const Arguments::Strings& texts) {
  std::vector<StatusRange> ranges;
  for (const std::string& text : texts) {
    const Result<StatusRange> range = parse_status_range(text);
    if (!range) return tl::unexpected(range.error());
    ranges.push_back(*range);
  }
  if (ranges.empty()) return fail("argument 'expect_status' is empty: no response could be a success");
  return ranges;
}

// libcurl takes it apart when the request is made.
bool looks_like_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon + 3 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  const auto is_scheme = [&](std::string_view name) {
    return std::ranges::equal(scheme, name, [](char a, char b) { return a == b || a + ('a' - 'A') == b; });
  };
  return is_scheme("http") || is_scheme("https");
}

}  // namespace

Result<StatusRange> parse_status_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<long> first = parse_status(text.substr(0, dash));
  const std::optional<long> last = dash == std::string_view::npos ? first : parse_status(text.substr(dash + 1));
  if (first && last && *first <= *last) return StatusRange{*first, *last};
  return fail(R"(argument 'expect_status' holds what is no status: write "204" or "200-299")");
}

std::string problem_of_http(const Arguments& arguments) {
  if (!looks_like_url(arguments.get<std::string>("url"))) return "argument 'url' is not a URL of http or https";
  const auto headers = plain_headers(arguments.find<Arguments::Object>("headers").value_or(Arguments::Object{}));
  if (!headers) return headers.error().message;
  const auto expected = status_ranges(arguments.get<Arguments::Strings>("expect_status"));
  return expected ? "" : expected.error().message;
}

Result<HttpRequest> make_http_request(const Arguments& arguments) {
  auto headers = plain_headers(arguments.find<Arguments::Object>("headers").value_or(Arguments::Object{}));
  if (!headers) return tl::unexpected(headers.error());
  const auto variables = arguments.find<Arguments::Object>("headers_from_env").value_or(Arguments::Object{});
  auto secret_headers = headers_from_environment(variables);
  if (!secret_headers) return tl::unexpected(secret_headers.error());
  auto expected = status_ranges(arguments.get<Arguments::Strings>("expect_status"));
  if (!expected) return tl::unexpected(expected.error());
  return HttpRequest{
      .url = arguments.get<std::string>("url"),
      .method = arguments.get<std::string>("method"),
      .body = arguments.find<std::string>("body"),
      .headers = *std::move(headers),
      .secret_headers = *std::move(secret_headers),
      .expected = *std::move(expected),
      .follows_redirects = arguments.get<bool>("follow_redirects"),
      .timeout = arguments.find<Nanos>("timeout"),
      .max_body = arguments.get<Bytes>("max_body"),
      .prints_body = arguments.get<bool>("print_body"),
      .ca_file = arguments.find<std::string>("ca_file").value_or(""),
  };
}

}  // namespace taskrun::tasks
