#include "cli/new_task.h"

#include <doctest/doctest.h>

using namespace taskrun::cli;

TEST_CASE("flags become the keys of a task") {
  CHECK(definition_of({{"every", KeyForm::text, {"10m"}},
                       {"cron", KeyForm::list, {"@daily", "@hourly"}},
                       {"at", KeyForm::list, {"2030-01-01T00:00:00Z"}},
                       {"run_at_start", KeyForm::truth, {""}},
                       {"retry", KeyForm::attempts, {"3"}},
                       {"env", KeyForm::variables, {"A=b", "C=d=e", "E="}}},
                      {"echo", "a b"}) ==
        R"({"every":"10m","cron":["@daily","@hourly"],"at":"2030-01-01T00:00:00Z","run_at_start":true,)"
        R"("retry":{"attempts":3},"env":{"A":"b","C":"d=e","E":""},"command":["echo","a b"]})");
  CHECK(definition_of({}, {"true"}) == R"({"command":["true"]})");
  CHECK(definition_of({{"shell", KeyForm::verbatim, {"a", "b"}}}, {}) == R"({"shell":"b"})");
}

TEST_CASE("a dollar is a dollar, also where a manifest would take it for a variable") {
  CHECK(definition_of({{"description", KeyForm::text, {"costs $5"}},
                       {"env", KeyForm::variables, {"A=${B}"}},
                       {"shell", KeyForm::verbatim, {"echo $A \"\n"}}},
                      {}) == R"({"description":"costs $$5","env":{"A":"$${B}"},"shell":"echo $A \"\n"})");
  CHECK(definition_of({}, {"echo", "$A"}) == R"({"command":["echo","$A"]})");
}

TEST_CASE("what cannot become a value is told before the runner is asked") {
  CHECK(mistake_in(KeyForm::variables, "A=b") == "");
  CHECK(mistake_in(KeyForm::variables, "A") == "'A' is not NAME=VALUE");
  CHECK(mistake_in(KeyForm::variables, "=b") == "'=b' is not NAME=VALUE");
  CHECK(mistake_in(KeyForm::attempts, "3") == "");
  CHECK(mistake_in(KeyForm::attempts, "3,\"on\":[]") == "'3,\"on\":[]' is not a number");
  CHECK(mistake_in(KeyForm::text, "anything") == "");
}
