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
           "postgresql://bill%3Acanary@db/app",
           "postgresql://db/app?user=bill:canary",
           "postgresql://db/app?user=bill%3acanary",
       }) {
    CAPTURE(text);
    CHECK(reason(text).find("PGPASSWORD") != std::string::npos);
    CHECK(reason(text).find("canary") == std::string::npos);
  }
}

TEST_CASE("what a password leaves of a URL that it breaks apart is refused, and is not shown") {
  for (const std::string_view text : {
           "postgresql://bill:canary/x@127.0.0.1:1/app",
           "postgresql://bill:54/canary@127.0.0.1:1/app",
           "postgresql://bill:54/x?sslmode=canary@127.0.0.1:1/app",
           "postgresql://bill:54/x?canary@127.0.0.1:1/app",
           "postgresql://bill@x:canary@db/app",
           "postgresql://bill:canary/app",
           "postgresql://bill:canary?sslmode=require",
           "postgresql://bill:canary%40db/app",
           "postgresql://bill%3acanary%40db/app",
           "postgresql://bill%3acanary/app",
           "postgresql://canary%40db/app",
           "postgresql://one:5432,two:canary/app",
           "postgresql://[::1]canary/app",
           "postgresql://[::1]:canary/app",
           "postgresql://db/app?port=canary",
       }) {
    CAPTURE(text);
    CHECK(reason(text).find("PGPASSWORD") != std::string::npos);
    CHECK(reason(text).find("canary") == std::string::npos);
  }
}

TEST_CASE("a port, a passfile and a word that only begins like a password are none") {
  for (const std::string_view text :
       {"postgresql://db:5432/app", "postgresql://db/app?passfile=/run/secrets/pg", "postgresql://db/a:b%40c",
        "postgresql://db/app?passwordless=1%", "postgresql://", "postgresql://[::1]/app",
        "postgresql://[fe80::1]:5433/app", "postgresql://bill@one:5432,two,[::1]:5433/app", "postgresql://db:/app",
        "postgresql://%2Frun%2Fpostgresql:5433/app", "postgresql://%40abstract/app", "postgresql://bill%40realm@db/app",
        "postgresql:///app?host=one,two&port=1,2", "postgresql://db/app?user=bill%40realm"}) {
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
