#include "database/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace taskrun::database {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::array<std::string_view, 2> kPostgresql{"postgresql://", "postgres://"};
constexpr std::array<std::string_view, 2> kSecrets{"password", "sslpassword"};

using Parsed = tl::expected<Url, std::string>;

tl::unexpected<std::string> refuse(std::string reason) { return tl::unexpected(std::move(reason)); }

std::optional<char> decoded_byte(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
  return static_cast<char>(value);
}

// With each %XX as the byte it stands for, as libpq reads it.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? decoded_byte(text.substr(i + 1, 2)) : std::nullopt;
    out += byte.value_or(text[i]);
    if (byte) i += 2;
  }
  return out;
}

bool holds(std::string_view text, char c) { return text.find(c) != std::string_view::npos; }

// What stands before the next `separator`; `text` goes on after it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view piece = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(piece.size() + 1, text.size()));
  return piece;
}

// Several hosts have several; one that is left out is 5432.
bool is_ports(std::string_view text) { return decoded(text).find_first_not_of("0123456789,") == std::string::npos; }

// HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. The host of an abstract socket begins with an '@'.
bool is_place(std::string_view text) {
  if (text.starts_with('[')) {
    take_until(text, ']');
    return text.empty() || (text.starts_with(':') && is_ports(text.substr(1)));
  }
  const std::string host = decoded(take_until(text, ':'));
  return is_ports(text) && !holds(host, ':') && host.find('@', 1) == std::string::npos;
}

bool are_places(std::string_view hosts) {
  while (!hosts.empty()) {
    if (!is_place(take_until(hosts, ','))) return false;
  }
  return true;
}

// Whether one pair of a query (a=b) gives a secret, or something that looks like one.
bool gives_secret(std::string_view pair) {
  const std::string key = decoded(take_until(pair, '='));
  if (std::ranges::find(kSecrets, key) != kSecrets.end()) return true;
  return key == "port" ? !is_ports(pair) : key == "user" && holds(decoded(pair), ':');
}

bool has_secret(std::string_view query) {
  while (!query.empty()) {
    if (gives_secret(take_until(query, '&'))) return true;
  }
  return false;
}

Parsed parse_sqlite(std::string_view file) {
  if (file.empty()) return refuse("the URL names no file: sqlite:FILE");
  if (file.starts_with("//")) return refuse("the URL has a host: SQLite's are spelled sqlite:FILE");
  if (holds(file, '\0')) return refuse("the URL has a zero byte in it");
  return Url{Url::Kind::sqlite, std::string(file), "sqlite:" + std::string(file)};
}

// libpq takes everything before the first '@' for the user, if no '/' comes before it.
std::string_view user_of(std::string_view rest) {
  const std::size_t at = rest.find('@');
  return at < rest.find('/') ? rest.substr(0, at + 1) : "";
}

// A password that is not percent-encoded breaks a URL apart: where it holds a '/', libpq takes it for a port or the
// name of a database, and says so in a message.
bool looks_broken(std::string_view place, std::string_view query) {
  return holds(place, '@') || holds(query, '@') || !are_places(place.substr(0, place.find('/')));
}

Parsed parse_postgresql(std::string_view text, std::string_view rest) {
  if (holds(rest, '\0')) return refuse("the URL has a zero byte in it");
  const std::string_view user = user_of(rest);
  rest.remove_prefix(user.size());
  const std::string_view place = take_until(rest, '?');
  if (holds(decoded(user), ':') || has_secret(rest)) {
    return refuse("the URL holds a password: give it in the variable PGPASSWORD or in a passfile");
  }
  if (looks_broken(place, rest)) {
    return refuse(
        "the URL looks as if it held a password, which belongs in the variable PGPASSWORD or in a passfile: a port is "
        "a "
        "number, and an '@' that does not end the user is spelled %40");
  }
  return Url{Url::Kind::postgresql, std::string(text), "postgresql://" + std::string(place)};
}

}  // namespace

Parsed parse_url(std::string_view text) {
  if (text.starts_with(kSqlite)) return parse_sqlite(text.substr(kSqlite.size()));
  for (const std::string_view scheme : kPostgresql) {
    if (text.starts_with(scheme)) return parse_postgresql(text, text.substr(scheme.size()));
  }
  return refuse("the URL is neither sqlite:FILE nor postgresql://HOST/NAME");
}

}  // namespace taskrun::database
