// The built-in `billing` without a database. tests/e2e/billing_test.py bills on both.

#include <doctest/doctest.h>

#include "call.h"
#include "tasks/billing_statements.h"

using namespace taskrun::tasks;

namespace {

std::string problem(std::string_view more) {
  return problem_with(*find_builtin("billing"), R"({"database":"sqlite:a.db")" + std::string(more) + "}");
}

}  // namespace

TEST_CASE("what makes no sense about billing is told before it runs") {
  CHECK(problem("") == "");
  CHECK(problem(R"(,"granularity":"1s","parallel":64,"until":"2026-03-01T00:00:00Z","longest_period":"31d")") == "");
  for (const char* granularity : {"0s", "999ms", "1500ms"}) {
    CHECK(problem(std::string(",\"granularity\":\"") + granularity + "\"") ==
          "argument 'granularity' must be of whole seconds, at least 1s");
  }
  CHECK(problem(R"(,"parallel":0)") == "argument 'parallel' must be from 1 to 64");
  CHECK(problem(R"(,"parallel":65)") == "argument 'parallel' must be from 1 to 64");
  CHECK(problem(R"(,"until":"tomorrow")") == "argument 'until' must be a moment such as \"2026-03-01T00:00:00Z\"");
  CHECK(problem(R"(,"longest_period":"59s")") == "argument 'longest_period' is shorter than 'granularity'");
  CHECK(problem(R"(,"seed":"a.sql")") == "'seed' makes no sense without 'init'");
}

TEST_CASE("a URL with a password is refused, and not shown") {
  CHECK(problem_with(*find_builtin("billing"), R"({"database":"postgresql://u:canary@h/d"})") ==
        "argument 'database': the URL holds a password: give it in the variable PGPASSWORD or in a passfile");
}

TEST_CASE("SQLite can use the index only where the condition has no OR, and stands in both statements as it is") {
  for (const bool is_postgresql : {false, true}) {
    const BillingStatements statements = billing_statements(is_postgresql);
    const std::string condition = statements.schema.substr(
        statements.schema.find("WHERE ") + 6, statements.schema.rfind(';') - statements.schema.find("WHERE ") - 6);
    CHECK(condition.find(" OR ") == std::string::npos);
    CHECK(statements.due_accounts.find(condition) != std::string::npos);
    CHECK(statements.due_instances.find(condition) != std::string::npos);
  }
}
