#include "database/url.h"

#include <doctest/doctest.h>

namespace taskrun::database {
namespace {

using Kind = Url::Kind;

std::string reason(std::string_view text) {
  const auto url = parse_url(text);
  return url ? "" : url.error();
}

TEST_CASE("a file of SQLite is what follows the colon") {
  const auto url = parse_url("sqlite:data/billing.db");
  REQUIRE(url);
  CHECK(url->kind == Kind::sqlite);
  CHECK(url->target == "data/billing.db");
  CHECK(url->shown == "sqlite:data/billing.db");
  CHECK(parse_url("sqlite:/var/lib/a b?.db")->target == "/var/lib/a b?.db");
}

TEST_CASE("a URL of PostgreSQL goes to libpq whole, and is shown without its user and its query") {
  for (const std::string text :
       {"postgresql://bill@db.example/app?sslmode=require", "postgres://bill@db.example/app"}) {
    const auto url = parse_url(text);
    REQUIRE(url);
    CHECK(url->kind == Kind::postgresql);
    CHECK(url->target == text);
    CHECK(url->shown == "postgresql://db.example/app");
  }
  CHECK(parse_url("postgresql:///app?host=/run/postgresql")->shown == "postgresql:///app");
  CHECK(parse_url("postgresql://one:5432,two:5433/app")->shown == "postgresql://one:5432,two:5433/app");
}

TEST_CASE("a password is refused, however it is spelled, and is not shown") {
  for (const std::string_view text : {
           "postgresql://bill:canary@db/app",
           "postgres://bill:canary@db/app",
           "postgresql://bi?ll:canary@db/app",
           "postgresql://:canary@/app",
           "postgresql://db/app?password=canary",
           "postgresql://db/app?sslmode=require&password=canary",
           "postgresql://db/app?%70assword=canary",
           "postgresql://db/app?sslpassword=canary",
       }) {
    CAPTURE(text);
    CHECK(reason(text).find("PGPASSWORD") != std::string::npos);
    CHECK(reason(text).find("canary") == std::string::npos);
  }
}

TEST_CASE("a port, a passfile and a word that only begins like a password are none") {
  for (const std::string_view text :
       {"postgresql://db:5432/app", "postgresql://db/app?passfile=/run/secrets/pg", "postgresql://db/a:b@c",
        "postgresql://db/app?passwordless=1%", "postgresql://"}) {
    CAPTURE(text);
    CHECK(parse_url(text));
  }
}

TEST_CASE("whatever else it is, is told without showing it") {
  CHECK(reason("sqlite:") == "the URL names no file: sqlite:FILE");
  CHECK(reason("sqlite:///canary.db") == "the URL has a host: SQLite's are spelled sqlite:FILE");
  CHECK(reason(std::string_view("sqlite:a\0b", 10)) == "the URL has a zero byte in it");
  CHECK(reason(std::string_view("postgresql://a\0b", 16)) == "the URL has a zero byte in it");
  for (const std::string_view text : {"", "canary", "mysql://canary", "POSTGRESQL://db", "file:canary.db"}) {
    CHECK(reason(text) == "the URL is neither sqlite:FILE nor postgresql://HOST/NAME");
  }
}

}  // namespace
}  // namespace taskrun::database
