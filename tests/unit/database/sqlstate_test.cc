#include "database/sqlstate.h"

#include <doctest/doctest.h>

namespace taskrun::database {
namespace {

TEST_CASE("a state of PostgreSQL is known by its five characters, or by its class") {
  CHECK(kind_of_sqlstate("40P01") == FailureKind::busy);
  CHECK(kind_of_sqlstate("55P03") == FailureKind::busy);
  CHECK(kind_of_sqlstate("23505") == FailureKind::constraint);
  CHECK(kind_of_sqlstate("53100") == FailureKind::full);
  CHECK(kind_of_sqlstate("53300") == FailureKind::unavailable);
  CHECK(kind_of_sqlstate("57P01") == FailureKind::unavailable);
  CHECK(kind_of_sqlstate("42P01") == FailureKind::other);
  CHECK(kind_of_sqlstate("") == FailureKind::other);
}

TEST_CASE("what the server says about a value that makes no sense is not told, whatever its language") {
  const Value values[] = {Value(std::string_view("other"))};
  CHECK(reason_of("22P02",
                  "ung\xc3\xbcltige Eingabesyntax f\xc3\xbcr Typ bigint: \xc2\xbb"
                  "canary\xc2\xab",
                  values) == "a text is no value of its type (SQLSTATE 22P02)");
  CHECK(reason_of("22003", "value \"canary\" is out of range for type integer", {}) ==
        "a number is out of range (SQLSTATE 22003)");
  CHECK(reason_of("2200Z", "canary", {}) == "a value makes no sense where it stands (SQLSTATE 2200Z)");
}

TEST_CASE("everything else is told on one line, with stars for the values") {
  const Value values[] = {Value(std::string_view("Canary"))};
  CHECK(reason_of("42P01", "relation \"canary\"\ndoes not exist\n", values) == "relation \"*\" does not exist");
}

}  // namespace
}  // namespace taskrun::database
