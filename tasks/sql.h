#pragma once

#include "tasks/builtin.h"

namespace taskrun::tasks {

inline constexpr Parameter kSqlParameters[] = {
    {"database", ParameterType::string, true, "",
     "`sqlite:FILE`, or `postgresql://HOST/NAME` without a password: that comes from `PGPASSWORD` or a passfile"},
    {"script", ParameterType::string, false, "",
     "a file of statements whose rows nobody wants, such as a schema or a seed; it comes before `statements`"},
    {"statements", ParameterType::strings, false, "[]", "statements, one a string; their rows go to the task's stdout"},
    {"values", ParameterType::strings, false, "[]",
     "what `$1`, `$2` … in the statements stand for (in a manifest `$$1`: a lone dollar is its own)"},
    {"format", ParameterType::string, false, R"("json")",
     "how rows are written: one JSON object a line, or CSV with a line of names for each statement that may answer "
     "rows",
     "json|csv"},
    {"read_only", ParameterType::boolean, false, "false",
     "write nothing; every statement sees the database as it was at the beginning"},
    {"create", ParameterType::boolean, false, "false", "make the file of SQLite where there is none"},
};

/// The URL is none or holds a password, or there is nothing to do.
[[nodiscard]] std::string problem_of_sql(const Arguments& arguments);

/// Carries statements out in one transaction: all of it or nothing. Its result has `rows` (written to stdout) and
/// `changed` (rows changed by `statements`); Exit::failure where one of them failed.
[[nodiscard]] Exit run_sql(const Arguments& arguments);

}  // namespace taskrun::tasks
