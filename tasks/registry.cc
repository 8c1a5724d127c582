#include <algorithm>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "tasks/arguments.h"
#include "tasks/billing.h"
#include "tasks/builtin.h"
#include "tasks/cleanup.h"
#include "tasks/http.h"
#include "tasks/sql.h"

namespace taskrun::tasks {
namespace {

// Sorted by name.
constexpr Builtin kRegistry[] = {
    {"billing", "charge running instances by time, on SQLite or PostgreSQL", kBillingParameters, problem_of_billing,
     run_billing},
    {"cleanup", "delete files below a directory by age, count or total size", kCleanupParameters, problem_of_cleanup,
     run_cleanup},
    {"http", "make one HTTP request and check its status", kHttpParameters, problem_of_http, run_http},
    {"sql", "carry out SQL and write its rows as JSON lines or CSV", kSqlParameters, problem_of_sql, run_sql},
};

}  // namespace

std::span<const Builtin> registry() { return kRegistry; }

const Builtin* find_builtin(std::string_view name) {
  const auto* found = std::ranges::find(kRegistry, name, &Builtin::name);
  return found != std::end(kRegistry) ? found : nullptr;
}

Exit run(const Builtin& builtin, std::string_view arguments) {
  const Result<Arguments> read = Arguments::read(arguments, builtin.parameters);
  const std::string problem = read ? builtin.problem(*read) : read.error().message;
  if (problem.empty()) return builtin.run(*read);
  fmt::print(stderr, "{}: {}\n", builtin.name, problem);
  return Exit::arguments;
}

std::string problem_with(const Builtin& builtin, std::string_view arguments) {
  const Result<Arguments> read = Arguments::read(arguments, builtin.parameters);
  return read ? builtin.problem(*read) : read.error().message;
}

}  // namespace taskrun::tasks
