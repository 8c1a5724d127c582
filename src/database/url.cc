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

// Whether a query (a=b&c=d) gives a secret.
bool gives_secret(std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::string key = decoded(pair.substr(0, pair.find('=')));
    if (std::ranges::find(kSecrets, key) != kSecrets.end()) return true;
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
  }
  return false;
}

Parsed parse_sqlite(std::string_view file) {
  if (file.empty()) return refuse("the URL names no file: sqlite:FILE");
  if (file.starts_with("//")) return refuse("the URL has a host: SQLite's are spelled sqlite:FILE");
  if (file.find('\0') != std::string_view::npos) return refuse("the URL has a zero byte in it");
  return Url{Url::Kind::sqlite, std::string(file), "sqlite:" + std::string(file)};
}

// libpq takes everything before the first '@' for the user, if no '/' comes before it.
std::string_view user_of(std::string_view rest) {
  const std::size_t at = rest.find('@');
  return at < rest.find('/') ? rest.substr(0, at + 1) : "";
}

Parsed parse_postgresql(std::string_view text, std::string_view rest) {
  if (rest.find('\0') != std::string_view::npos) return refuse("the URL has a zero byte in it");
  const std::string_view user = user_of(rest);
  rest.remove_prefix(user.size());
  const std::string_view place = rest.substr(0, rest.find('?'));
  const std::string_view query = rest.substr(std::min(place.size() + 1, rest.size()));
  if (user.find(':') != std::string_view::npos || gives_secret(query)) {
    return refuse("the URL holds a password: give it in the variable PGPASSWORD or in a passfile");
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
